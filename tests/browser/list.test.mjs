/** The list: days, order, past events, search, and texts that mean harm. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, day, eventually, frame, links, open, person, pretend, unique, withdraw } from './world.mjs';

const titles = (page) => page.locator('.card__title').allTextContents();

test('events stand under their days, soonest first', async () => {
  const evening = await create({ title: unique('Evening'), start: `${day(2)} 19:00` });
  const later = await create({ title: unique('Later'), start: `${day(4)} 08:00` });
  const morning = await create({ title: unique('Morning'), start: `${day(2)} 09:00` });
  const visitor = await person('visitor');
  const { page, card, close } = await open('visitor');
  const dayOf = (event) => card(event).evaluate((element) => element.closest('.day').getAttribute('aria-labelledby'));
  assert.equal(await dayOf(evening), `day-${day(2)}`);
  assert.equal(await dayOf(morning), await dayOf(evening));
  assert.equal(await dayOf(later), `day-${day(4)}`);
  const known = visitor.frames.filter((each) => each.type === 'event' && new Date(each.ends_at) > new Date());
  const starts = new Map(known.map((each) => [each.id, Math.max(new Date(each.starts_at), Date.now())]));
  const shown = await page.locator('.day .card').evaluateAll((all) => all.map((element) => Number(element.dataset.id)));
  const times = shown.filter((id) => starts.has(id)).map((id) => starts.get(id));
  assert.deepEqual(times, [...times].sort((a, b) => a - b));
  assert.ok(shown.indexOf(morning.id) < shown.indexOf(evening.id));
  await close();
});

test('a new event takes its place while one looks, and leaves it when deleted', async () => {
  const first = await create({ start: `${day(5)} 10:00` });
  const last = await create({ start: `${day(5)} 20:00` });
  const { page, card, close } = await open('visitor');
  await card(last).waitFor();
  const middle = await create({ start: `${day(5)} 15:00` });
  await card(middle).waitFor();
  const order = await page.locator(`[aria-labelledby="day-${day(5)}"] .card`).evaluateAll((all) => all.map((element) => Number(element.dataset.id)));
  assert.deepEqual(order.filter((id) => [first.id, middle.id, last.id].includes(id)), [first.id, middle.id, last.id]);
  await withdraw(middle.id);
  await card(middle).waitFor({ state: 'detached' });
  await close();
});

test('a card says when, where, how many go and how many places are left', async () => {
  const event = await create({ start: `${day(6)} 18:30`, duration: 1.5, location: 'Library', capacity: 10 });
  const { card, close } = await open('visitor');
  const text = await card(event).locator('.card__facts').innerText();
  assert.match(text, /18:30 – 20:00 · 1.5 hours/);
  assert.match(text, /Library/);
  assert.match(text, /Nobody is going yet · 10 places left/);
  await close();
});

test('an event elsewhere shows both clocks', async () => {
  const event = await create({ start: `${day(6)} 12:00`, duration: 1, timezone: 'Asia/Tokyo' });
  const { card, close } = await open('visitor');
  const text = await card(event).locator('.card__facts').innerText();
  assert.match(text, /12:00 – 13:00 in Tokyo/);
  assert.match(text, /[45]:00 your time/);
  await close();
});

test('a daily and a weekly event say so', async () => {
  const daily = await create({ start: '07:15', duration: 0.5 });
  const weekly = await create({ start: `${day(2)} 12:00`, recurrence: 'weekly', until: day(60) });
  const { card, close } = await open('visitor');
  assert.match(await card(daily).innerText(), /Every day/);
  assert.match(await card(weekly).innerText(), /Every week · until/);
  await close();
});

test('past events are folded, and running ones stand under today', async () => {
  const events = [frame(1, { hours: -48 }), frame(2, { hours: -30, duration: 40 }), frame(3, { hours: 30 })];
  const { page, card, close } = await open('visitor', { before: pretend({ events }) });
  assert.equal(await card(1).isVisible(), false);
  await page.getByText('Past events').click();
  await card(1).waitFor({ state: 'visible' });
  assert.equal(await card(1).getByRole('button', { name: 'Attend' }).count(), 0);
  assert.match(await page.locator('.day').first().innerText(), /Today/);
  assert.match(await card(2).innerText(), /Now/);
  await close();
});

test('a cancelled event stays, with the reason', async () => {
  const events = [frame(1, { cancelled: true, cancel_reason: 'The hall is flooded' })];
  const { card, close } = await open('visitor', { before: pretend({ events }) });
  assert.match(await card(1).innerText(), /Cancelled/);
  assert.match(await card(1).innerText(), /The hall is flooded/);
  assert.equal(await card(1).getByRole('button', { name: 'Attend' }).count(), 0);
  await close();
});

test('an event that begins or ends changes by itself', async () => {
  const { page, card, close } = await open('visitor', {
    before: async (page) => {
      await page.clock.install();
      await pretend({ events: [frame(1, { hours: 0.5 })] })(page);
    },
  });
  assert.doesNotMatch(await card(1).innerText(), /Now/);
  await page.clock.runFor(31 * 60_000);
  await card(1).getByText('Now', { exact: true }).waitFor();
  await page.clock.runFor(61 * 60_000);
  await page.locator('.past .card').waitFor({ state: 'attached' });
  await close();
});

test('without events there is a friendly word, another one for admins', async () => {
  const visitor = await open('visitor', { before: pretend({}) });
  await visitor.page.getByText('No events yet').waitFor();
  assert.equal(await visitor.page.getByRole('button', { name: 'New event' }).count(), 0);
  await visitor.close();
  const boss = await open('visitor', { before: pretend({ welcome: { is_admin: true } }) });
  await boss.page.getByRole('button', { name: 'New event' }).waitFor();
  await boss.page.getByText('Announce the first one').waitFor();
  await boss.close();
});

test('before the events come there is a skeleton', async () => {
  const { page, close } = await open('visitor', { wait: false, before: (page) => page.routeWebSocket(/\/wss\/$/, () => {}) });
  await page.locator('.skeleton').waitFor();
  await page.locator('#status', { hasText: 'Loading events' }).waitFor({ state: 'attached' });
  await close();
});

test('search appears from eight events and finds without accents and case', async () => {
  let send;
  const seven = [...Array(7)].map((_, i) => frame(i + 1, { hours: 24 + i }));
  const { page, close } = await open('visitor', { before: pretend({ events: seven, onSocket: (_, tell) => (send = tell) }) });
  assert.equal(await page.getByRole('searchbox').count(), 0);
  send(frame(8, { title: 'Löwenzahn', location: 'Köln' }));
  const box = page.getByRole('searchbox', { name: 'Search events' });
  await box.fill('LOWEN koln');
  await eventually(async () => assert.deepEqual(await titles(page), ['Löwenzahn']));
  await page.getByRole('status').filter({ hasText: '1 event found' }).waitFor({ state: 'attached' });
  await box.fill('nothing like this');
  await page.getByText('Nothing found for').waitFor();
  await page.getByRole('button', { name: 'Clear the search' }).click();
  await eventually(async () => assert.equal((await titles(page)).length, 8));
  await close();
});

test('search finds among real events', async () => {
  const wanted = await create({ title: unique('Quokka parade') });
  for (let i = 0; i < 7; i += 1) await create();
  const { page, card, close } = await open('visitor');
  await page.getByRole('searchbox').fill(wanted.title.toUpperCase());
  await eventually(async () => assert.equal(await page.locator('.card:visible').count(), 1));
  await card(wanted).waitFor();
  await close();
});

test('a link to an event goes there, marks it and gives it the focus', async () => {
  const event = await create({ start: `${day(30)} 10:00` });
  const { page, card, close } = await open('visitor', { link: `${links.visitor}&tgWebAppStartParam=${event.id}` });
  await eventually(async () => assert.equal(await card(event).getAttribute('aria-current'), 'true'));
  await eventually(() => card(event).evaluate((element) => element === document.activeElement));
  await eventually(() => card(event).evaluate((element) => element.getBoundingClientRect().top >= 0 && element.getBoundingClientRect().top < innerHeight));
  assert.equal(await page.locator('[aria-current]').count(), 1);
  await close();
});

test('what the server selected is marked too, also among past events', async () => {
  const events = [frame(1), frame(2, { hours: -50 })];
  const { card, close } = await open('visitor', { before: pretend({ events, selected: '2' }) });
  await card(2).and(card(2).page().locator('[aria-current]')).waitFor({ state: 'visible' });
  await close();
});

test('a link to an event that is gone says so', async () => {
  const { page, close } = await open('visitor', { before: pretend({ events: [frame(1)], selected: '77' }) });
  await page.getByRole('alert').getByText('no longer there').waitFor();
  await close();
});

test('titles are text, whatever they contain', async () => {
  const hostile = unique('<img src=x onerror="window.hit=1"><b>bold</b> &amp; \u202Eevil');
  const event = await create({ title: hostile, description: '<script>window.hit=1</script>', location: '"><svg onload=window.hit=1>' });
  const { page, card, close } = await open('visitor');
  assert.equal(await card(event).locator('.card__title').textContent(), event.title);
  assert.equal(await card(event).locator('.card__text').textContent(), '<script>window.hit=1</script>');
  assert.equal(await page.locator('b, img[src=x], svg[onload]').count(), 0);
  assert.equal(await page.evaluate(() => window.hit), undefined);
  await close();
});

test('long words do not push the page wider than the screen', async () => {
  await create({ title: 'W'.repeat(120), description: 'm'.repeat(2000), location: 'L'.repeat(200) });
  for (const width of [320, 360]) {
    const { page, close } = await open('visitor', { viewport: { width, height: 640 } });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
    await close();
  }
});

test('a long description can be unfolded', async () => {
  const event = await create({ description: 'A long story. '.repeat(60) });
  const { card, close } = await open('visitor');
  const text = card(event).locator('.card__text');
  const folded = (await text.boundingBox()).height;
  await card(event).getByRole('button', { name: 'Show more' }).click();
  assert.ok((await text.boundingBox()).height > folded);
  await card(event).getByRole('button', { name: 'Show less', expanded: true }).waitFor();
  await close();
});
