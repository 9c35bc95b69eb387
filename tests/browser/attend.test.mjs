/** Attending and leaving: at once on the page, live on every other, taken back when refused. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, between, create, eventually, frame, open, person, pretend, telegramSays, told, links } from './world.mjs';

test('attending shows at once and leaving too', async () => {
  const event = await create();
  const held = [];
  let holding = true;
  const before = between({ toPage: (message, send) => (holding && message.type === 'event' && message.state === 'going' ? void held.push(() => send(message)) : message) });
  const { card, close } = await open('visitor', { before });
  await card(event).getByRole('button', { name: 'Attend' }).click();
  await card(event).getByText('You are going').waitFor();
  assert.match(await card(event).innerText(), /1 person is going/);
  await eventually(() => held.length > 0);
  assert.equal(await card(event).getByRole('button', { name: 'Leave' }).getAttribute('aria-busy'), 'true');
  holding = false;
  for (const release of held) release();
  await eventually(async () => assert.equal(await card(event).getByRole('button', { name: 'Leave' }).getAttribute('aria-busy'), 'false'));
  await card(event).getByRole('button', { name: 'Leave' }).click();
  await card(event).getByRole('button', { name: 'Attend' }).waitFor();
  await eventually(async () => assert.match(await card(event).innerText(), /Nobody is going yet/));
  await close();
});

test('a refused attend is taken back and the reason is shown', async () => {
  const event = await create();
  const refusal = { type: 'error', code: 'busy', msg: 'Too busy right now.', event: event.id };
  let answer;
  const before = between({ toServer: (message, send) => (message.type === 'attend' ? void (answer = () => send(refusal)) : message) });
  const { page, card, close } = await open('visitor', { before });
  await card(event).getByRole('button', { name: 'Attend' }).click();
  await card(event).getByText('You are going').waitFor();
  answer();
  await page.getByRole('alert').getByText('Too busy right now.').waitFor();
  await card(event).getByRole('button', { name: 'Attend' }).waitFor();
  assert.match(await card(event).innerText(), /Nobody is going yet/);
  await close();
});

test('an attend that nobody answers is taken back', async () => {
  const { page, card, close } = await open('visitor', {
    before: async (page) => {
      await page.clock.install();
      await pretend({ events: [frame(1)] })(page);
    },
  });
  await card(1).getByRole('button', { name: 'Attend' }).click();
  await card(1).getByText('You are going').waitFor();
  await page.clock.runFor(9000);
  await page.getByRole('alert').getByText('gave no answer').waitFor();
  await card(1).getByRole('button', { name: 'Attend' }).waitFor();
  await close();
});

test('news about others does not undo what one has just asked for', async () => {
  let send;
  const { card, close } = await open('visitor', { before: pretend({ events: [frame(1)], onSocket: (_, tell) => (send = tell) }) });
  await card(1).getByRole('button', { name: 'Attend' }).click();
  send(frame(1, { attendees: 4 }));
  await eventually(async () => assert.match(await card(1).innerText(), /5 people are going/));
  await card(1).getByRole('button', { name: 'Leave' }).waitFor();
  await close();
});

test('other people and other tabs see it live', async () => {
  const event = await create();
  const mine = await open('visitor');
  const tab = await open('visitor');
  const other = await open('admin');
  await mine.card(event).getByRole('button', { name: 'Attend' }).click();
  await tab.card(event).getByText('You are going').waitFor();
  await other.card(event).getByText('1 person is going').waitFor();
  assert.equal(await other.card(event).getByText('You are going').count(), 0);
  await mine.card(event).getByRole('button', { name: 'Leave' }).click();
  await other.card(event).getByText('Nobody is going yet').waitFor();
  for (const each of [mine, tab, other]) await each.close();
});

test('a full event offers the waiting list, and a free place comes by itself', async () => {
  const event = await create({ capacity: 1 });
  const boss = await admin();
  await boss.ask({ type: 'attend', event: event.id }, (each) => each.type === 'event' && each.id === event.id && each.state === 'going');
  const { card, close } = await open('visitor');
  assert.match(await card(event).innerText(), /1 person is going · full/);
  await card(event).getByRole('button', { name: 'Join the waiting list' }).click();
  await card(event).getByText('You are on the waiting list').waitFor();
  await card(event).getByText('1 waiting').waitFor();
  await boss.ask({ type: 'leave', event: event.id }, (each) => each.type === 'event' && each.id === event.id && each.state === 'none');
  await card(event).getByText('You are going').waitFor();
  await close();
});

test('an attend without connection is sent when there is one again', async () => {
  const event = await create();
  const { page, context, card, close } = await open('visitor');
  await context.setOffline(true);
  await page.getByText('You are offline').waitFor();
  await card(event).getByRole('button', { name: 'Attend' }).click();
  await page.getByRole('status').getByText('sent as soon as').waitFor();
  await card(event).getByText('You are going').waitFor();
  await context.setOffline(false);
  const visitor = await person('visitor');
  const going = (each) => each.type === 'event' && each.id === event.id && each.state === 'going';
  await visitor.next(going);
  await card(event).getByRole('button', { name: 'Leave' }).waitFor();
  await close(/ERR_INTERNET_DISCONNECTED|WebSocket/);
});

test('in Telegram the bot asks for the right to write, and attending goes on when it is refused', async () => {
  const event = await create();
  const { page, card, close } = await open('visitor', { client: true });
  await page.waitForFunction(() => window.Telegram?.WebApp);
  await card(event).getByRole('button', { name: 'Attend' }).click();
  await card(event).getByText('You are going').waitFor();
  const allowed = await page.evaluate(() => window.Telegram.WebApp.initDataUnsafe.user.allows_write_to_pm === true);
  if (allowed) {
    assert.deepEqual(await told(page, 'web_app_request_write_access'), []);
  } else {
    await eventually(async () => assert.equal((await told(page, 'web_app_request_write_access')).length, 1));
    await telegramSays(page, 'write_access_requested', { status: 'cancelled' });
    await page.getByText('allow the bot to write to you').waitFor();
  }
  await card(event).getByRole('button', { name: 'Leave' }).waitFor();
  await close();
});

test('sharing opens the chooser of Telegram there, and copies a link elsewhere', async () => {
  const event = await create();
  // Clients from 8.0 on are offered the prepared message first: see share.test.mjs.
  const older = links.visitor.replace(/tgWebAppVersion=[\d.]+/, 'tgWebAppVersion=7.10');
  const inside = await open('visitor', { client: true, link: older });
  await inside.page.waitForFunction(() => window.Telegram?.WebApp);
  await inside.card(event).getByRole('button', { name: 'Share' }).click();
  await eventually(async () => {
    const [opened] = await told(inside.page, 'web_app_open_tg_link');
    assert.match(decodeURIComponent(opened.path_full), new RegExp(`^/share/url\\?url=.*${event.id}`));
  });
  await inside.close();
  const outside = await open('visitor', { permissions: ['clipboard-read', 'clipboard-write'], before: (page) => page.addInitScript(() => Object.defineProperty(navigator, 'share', { value: undefined })) });
  await outside.card(event).getByRole('button', { name: 'Share' }).click();
  await outside.page.getByText('Link copied').waitFor();
  const link = await outside.page.evaluate(() => navigator.clipboard.readText());
  assert.match(link, new RegExp(`[?&](startapp|tgWebAppStartParam)=${event.id}$`));
  assert.doesNotMatch(link, /hash|tgWebAppData/);
  await outside.close();
});
