/** For everybody: axe in every view, keyboard, narrow screens, languages, themes nobody can read. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { admin, create, eventually, frame, links, open, picture, pretend, speaking } from './world.mjs';
import { themed } from './themes.mjs';

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Telegram's own day theme, its night theme, and one that cannot be read. */
const THEMES = {
  day: { bg_color: '#ffffff', secondary_bg_color: '#efeff4', text_color: '#000000', hint_color: '#999999', link_color: '#2481cc', button_color: '#40a7e3', button_text_color: '#ffffff', destructive_text_color: '#ff3b30', accent_text_color: '#2481cc', section_bg_color: '#ffffff', subtitle_text_color: '#999999' },
  night: { bg_color: '#18222d', secondary_bg_color: '#131415', text_color: '#ffffff', hint_color: '#b1c3d5', link_color: '#62bcf9', button_color: '#2ea6ff', button_text_color: '#ffffff', destructive_text_color: '#ef5b5b', accent_text_color: '#2ea6ff', section_bg_color: '#18222d', subtitle_text_color: '#b1c3d5' },
  grey: { bg_color: '#777777', secondary_bg_color: '#888888', text_color: '#808080', hint_color: '#7a7a7a', link_color: '#767676', button_color: '#999999', button_text_color: '#aaaaaa', destructive_text_color: '#886666' },
  clash: { bg_color: '#ffffff', secondary_bg_color: '#000000', text_color: '#777777', hint_color: '#777777', link_color: '#777777', button_color: '#ffff00', button_text_color: '#ffffff' },
};

async function axe(page, view) {
  await page.evaluate(AXE);
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))));
  const { violations } = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), RULES);
  assert.deepEqual(violations.map(({ id, nodes }) => `${view}: ${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join('; ')}`), []);
}

const EVENTS = [
  frame(1, { hours: -0.2, recurrence: 'daily', location: 'Kitchen', attendees: 1 }),
  frame(2, { hours: 30, capacity: 2, attendees: 2, waiting: 1, state: 'waitlisted', description: 'Long. '.repeat(200), timezone: 'Asia/Tokyo' }),
  frame(3, { hours: 31, state: 'going', attending: true, attendees: 3 }),
  frame(4, { hours: 60, cancelled: true, cancel_reason: 'Rain' }),
  frame(5, { hours: -60 }),
  ...[6, 7, 8].map((id) => frame(id, { hours: 70 + id })),
];
const LIST = [{ telegram_id: 1, name: 'Ada', state: 'going', since: '2026-11-20T10:00:00Z', reachable: false }, { telegram_id: 2, name: 'Bob', state: 'waitlisted', since: '2026-11-20T10:00:00Z', reachable: true }];
const answer = (message, send) => message.type === 'attendees' && send({ type: 'attendees', event: message.event, list: LIST });
const stage = (welcome = {}) => pretend({ events: EVENTS, welcome, answer, selected: '3' });
const reduced = { reducedMotion: 'reduce' };

/** Walks through every view an admin has and calls `look` in each. */
async function tour({ page, card }, look) {
  await page.getByRole('searchbox').waitFor();
  await page.locator('.past > summary').click();
  await card(3).locator('summary').click();
  await look('list');
  await page.getByRole('searchbox').fill('no such thing');
  await page.locator('.empty').waitFor();
  await look('nothing found');
  await page.locator('.empty button').click();
  await page.locator('#tools button').click();
  await page.locator('form.event-form').waitFor();
  await look('form');
  await page.locator('.main-button').click();
  await page.locator('#w-title:not(:empty)').waitFor();
  await look('form with faults');
  await page.locator('.back-button').click();
  await card(3).locator('.card__tools button').nth(1).click();
  await page.locator('.attendee').first().waitFor();
  await look('attendees');
  await page.locator('.back-button').click();
  await card(1).locator('summary').click();
  await card(1).locator('.card__tools button').nth(2).click();
  await page.getByRole('dialog').waitFor();
  await look('question');
  await page.keyboard.press('Escape');
}

for (const colorScheme of ['light', 'dark']) {
  for (const viewport of [{ width: 360, height: 740 }, { width: 1280, height: 800 }]) {
    test(`axe finds nothing: ${colorScheme}, ${viewport.width} px`, async () => {
      const world = await open('admin', { colorScheme, viewport, ...reduced, before: stage({ is_admin: true }) });
      await tour(world, (view) => axe(world.page, view));
      await world.close();
    });
  }
}

for (const [name, theme] of Object.entries(THEMES)) {
  test(`every text can be read in the theme: ${name}`, async () => {
    for (const telegram of ['real', 'none']) {
      const world = await open('admin', { ...reduced, telegram, link: themed(links.admin, theme), before: stage({ is_admin: true }) });
      await tour(world, (view) => axe(world.page, `${name}, ${view}`));
      await world.close();
    }
  });
}

test('axe finds nothing while loading, offline, empty, refused, or on the launcher', async () => {
  const loading = await open('visitor', { ...reduced, wait: false, before: (page) => page.routeWebSocket(/\/wss\/$/, () => {}) });
  await loading.page.locator('#status', { hasText: 'Loading' }).waitFor({ state: 'attached' });
  await axe(loading.page, 'loading');
  await loading.close();
  const offline = await open('visitor', { ...reduced, wait: false, before: (page) => page.routeWebSocket(/\/wss\/$/, (route) => route.close({ code: 1013 })) });
  await offline.page.getByText('Connection lost').waitFor();
  await axe(offline.page, 'offline');
  await offline.close();
  const empty = await open('visitor', { ...reduced, before: pretend({}) });
  await axe(empty.page, 'empty');
  await empty.close();
  const refused = await open('visitor', { ...reduced, before: (page) => page.routeWebSocket(/\/wss\/$/, (route) => route.send('{"type":"disconnect","msg":"No."}')) });
  await axe(refused.page, 'refused');
  await refused.close();
  const launcher = await open('visitor', {
    ...reduced, wait: false, link: new URL('/', links.visitor).href,
    before: (page) => page.route('**/settings.json', (route) => route.fulfill({ json: { apps: [{ app: 'mini_event', path: '/mini_event/' }, { app: 'conferences', path: '/conferences/' }] } })),
  });
  await launcher.page.getByRole('link').first().waitFor();
  await axe(launcher.page, 'launcher');
  await launcher.close();
});

test('axe finds nothing on the real list', async () => {
  const file = await picture(640, 360);
  const event = await create({ image: { name: 'a.png', base64: file.buffer.toString('base64') } });
  const { page, card, close } = await open('visitor', reduced);
  await card(event).scrollIntoViewIfNeeded();
  await axe(page, 'real list');
  await close();
});

test('nothing is wider than the screen in any view and language', async () => {
  for (const [language, width] of [['en', 320], ['ru', 320], ['de', 320], ['es', 320], ['de', 360]]) {
    const { link } = speaking('admin', language);
    const world = await open('admin', { ...reduced, link, viewport: { width, height: 640 }, before: stage({ is_admin: true }) });
    await tour(world, async (view) => assert.equal(await world.page.evaluate(() => document.documentElement.scrollWidth), width, `${language}, ${view}`));
    await world.close();
  }
});

test('everything can be done with the keyboard alone', async () => {
  const { page, card, close } = await open('admin', { ...reduced, before: stage({ is_admin: true }) });
  await page.getByRole('searchbox').waitFor();
  const tabTo = async (wanted) => {
    for (let presses = 0; presses < 80; presses += 1) {
      await page.keyboard.press('Tab');
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
    }
    assert.fail(`the keyboard does not reach ${wanted}`);
  };
  await page.locator('body').evaluate(() => document.activeElement.blur());
  await tabTo(card(6).getByRole('button', { name: 'Attend' }));
  await page.keyboard.press('Enter');
  await card(6).getByText('You are going').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Leave');
  await tabTo(card(6).locator('summary'));
  await page.keyboard.press('Enter');
  await tabTo(card(6).getByRole('button', { name: 'Edit' }));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Edit event' }).waitFor();
  await tabTo(page.getByLabel('Title'));
  await page.keyboard.type('!');
  await tabTo(page.locator('input[type=file]'));
  await tabTo(page.getByRole('button', { name: 'Save changes' }));
  await page.keyboard.press('Shift+Tab');
  await page.locator('.back-button').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await tabTo(page.getByRole('button', { name: 'Discard' }));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Events', exact: true }).waitFor();
  await eventually(() => card(6).getByRole('button', { name: 'Edit' }).evaluate((element) => element === document.activeElement));
  await close();
});

for (const [language, attend, heading] of [['en', 'Attend', 'Events'], ['ru', 'Пойду', 'События'], ['de', 'Teilnehmen', 'Veranstaltungen'], ['es', 'Asistir', 'Eventos']]) {
  test(`the page speaks ${language}`, async () => {
    const event = await create();
    const { link, before } = speaking('visitor', language);
    const { page, card, close } = await open('visitor', { link, before });
    await page.getByRole('heading', { name: heading, exact: true }).waitFor();
    await card(event).getByRole('button', { name: attend, exact: true }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), language);
    await close();
  });
}

test('plurals follow the language', async () => {
  const { link } = speaking('visitor', 'ru');
  const { card, close } = await open('visitor', { link, before: pretend({ events: [1, 2, 5, 21].map((n) => frame(n, { attendees: n })) }) });
  assert.match(await card(1).innerText(), /Идёт 1 человек/);
  assert.match(await card(2).innerText(), /Идут 2 человека/);
  assert.match(await card(5).innerText(), /Идут 5 человек/);
  assert.match(await card(21).innerText(), /Идёт 21 человек/);
  await close();
});

test('without a language of Telegram the one of the browser counts', async () => {
  for (const language of [null, 'xx']) {
    const { link, before } = speaking('visitor', language);
    const { page, close } = await open('visitor', { link, before, locale: 'de-AT' });
    await page.getByRole('heading', { name: 'Veranstaltungen', exact: true }).waitFor();
    await close();
  }
});

test('clocks follow the language of the viewer', async () => {
  const american = await open('visitor', { locale: 'en-US', before: pretend({ events: [frame(1)] }) });
  assert.match(await american.card(1).locator('.fact').first().innerText(), /[AP]M/);
  await american.close();
  const british = await open('visitor', { locale: 'en-GB', before: pretend({ events: [frame(1)] }) });
  assert.doesNotMatch(await british.card(1).locator('.fact').first().innerText(), /[ap]m/i);
  await british.close();
});

test('nothing moves for people who asked for that', async () => {
  const { page, close } = await open('visitor', { ...reduced, wait: false, before: (page) => page.routeWebSocket(/\/wss\/$/, () => {}) });
  await page.locator('.skeleton').waitFor();
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  await close();
});

test('the admin of the tests is one', async () => {
  const boss = await admin();
  assert.equal(boss.frames.find((each) => each.type === 'welcome').is_admin, true);
});
