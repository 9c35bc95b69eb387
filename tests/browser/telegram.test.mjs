/** Inside Telegram, beside it, and without its script. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, eventually, links, loaded, open, origin, telegramSays, told } from './world.mjs';
import { themed } from './themes.mjs';

const NIGHT = { bg_color: '#17212b', secondary_bg_color: '#232e3c', text_color: '#f5f5f5', hint_color: '#708499', link_color: '#6ab3f3', button_color: '#5288c1', button_text_color: '#ffffff', section_bg_color: '#17212b', destructive_text_color: '#ec3942' };

const ground = (page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

for (const telegram of ['real', 'none', 'hangs']) {
  test(`the page works when Telegram's script is: ${telegram}`, async () => {
    const event = await create();
    const { page, card, close } = await open('visitor', { telegram, link: themed(links.visitor, NIGHT) });
    await card(event).getByRole('button', { name: 'Attend' }).click();
    await card(event).getByText('You are going').waitFor();
    assert.equal(await ground(page), 'rgb(35, 46, 60)');
    await card(event).getByRole('button', { name: 'Leave' }).click();
    await card(event).getByText('Nobody is going yet').waitFor();
    await close();
  });
}

test('the theme is there at the first paint', async () => {
  const { page, close } = await open('visitor', {
    telegram: 'hangs', link: themed(links.visitor, NIGHT), wait: false,
    before: (page) => page.addInitScript(() => {
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (entry.name === 'first-paint') window.firstGround = getComputedStyle(document.documentElement).backgroundColor;
      }).observe({ type: 'paint', buffered: true });
    }),
  });
  await page.waitForFunction(() => window.firstGround);
  assert.equal(await page.evaluate(() => window.firstGround), 'rgb(35, 46, 60)');
  await close();
});

test('the launch survives a reload without its hash', async () => {
  for (const telegram of ['real', 'none']) {
    const { page, close } = await open('visitor', { telegram });
    await page.evaluate(() => history.replaceState(null, '', location.pathname));
    await page.reload({ waitUntil: 'commit' });
    await loaded(page);
    assert.equal(await page.getByText('cannot log in').count(), 0);
    await close();
  }
});

test('Telegram is told that the page is ready', async () => {
  for (const telegram of ['real', 'none']) {
    const { page, close } = await open('visitor', { telegram, client: true });
    await eventually(async () => assert.ok((await told(page, 'web_app_ready')).length > 0));
    await eventually(async () => assert.ok((await told(page, 'web_app_expand')).length > 0));
    await close();
  }
});

test('the main and back buttons are those of Telegram', async () => {
  const { page, close } = await open('admin', { client: true });
  await page.waitForFunction(() => window.Telegram?.WebApp);
  await page.getByRole('button', { name: 'New event' }).click();
  await page.getByRole('heading', { name: 'New event' }).waitFor();
  const last = async (type) => (await told(page, type)).at(-1);
  await eventually(async () => assert.equal((await last('web_app_setup_main_button')).text, 'Create event'));
  assert.equal((await last('web_app_setup_main_button')).is_visible, true);
  assert.equal((await last('web_app_setup_back_button')).is_visible, true);
  assert.equal(await page.locator('.main-button, .back-button').count(), 0);
  await telegramSays(page, 'main_button_pressed');
  await page.getByText('Give the event a title.').waitFor();
  await page.getByLabel('Title').fill('Changed');
  await eventually(async () => assert.deepEqual(await last('web_app_setup_closing_behavior'), { need_confirmation: true }));
  await telegramSays(page, 'back_button_pressed');
  await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
  await eventually(async () => assert.equal((await last('web_app_setup_back_button')).is_visible, false));
  assert.equal((await last('web_app_setup_main_button')).is_visible, false);
  assert.deepEqual(await last('web_app_setup_closing_behavior'), { need_confirmation: false });
  await close();
});

test('an old client of version 6.0 gets no calls it does not know', async () => {
  const warnings = [];
  const { page, close } = await open('admin', {
    client: true, link: links.admin.replace(/tgWebAppVersion=[\d.]+/, 'tgWebAppVersion=6.0'),
    before: (page) => page.on('console', (message) => message.type() === 'warning' && warnings.push(message.text())),
  });
  await page.waitForFunction(() => window.Telegram?.WebApp);
  await page.getByRole('button', { name: 'New event' }).click();
  await page.getByRole('button', { name: 'Back' }).click();
  await page.getByRole('heading', { name: 'Events', exact: true }).waitFor();
  assert.deepEqual(warnings.filter((text) => text.includes('WebApp')), []);
  await close();
});

test('day and night change without a reload', async () => {
  const { page, close } = await open('visitor', { client: true });
  await page.waitForFunction(() => window.Telegram?.WebApp);
  await telegramSays(page, 'theme_changed', { theme_params: NIGHT });
  await eventually(async () => assert.equal(await ground(page), 'rgb(35, 46, 60)'));
  await close();
});

test('a script that comes late takes the buttons over', async () => {
  let come;
  const { page, close } = await open('admin', { client: true, telegram: new Promise((done) => (come = done)) });
  await page.getByRole('button', { name: 'New event' }).click();
  await page.locator('.main-button').waitFor();
  await page.locator('.back-button').waitFor();
  come();
  await page.locator('.main-button').waitFor({ state: 'detached' });
  await page.locator('.back-button').waitFor({ state: 'detached' });
  assert.equal((await told(page, 'web_app_setup_main_button')).at(-1).text, 'Create event');
  await telegramSays(page, 'back_button_pressed');
  await page.getByRole('heading', { name: 'Events', exact: true }).waitFor();
  await close();
});

test('the launcher goes straight to the only app and keeps the launch', async () => {
  const { hash } = new URL(links.visitor);
  const { page, close } = await open('visitor', {
    link: `${origin}/${hash}`, wait: false,
    before: (page) => page.route('**/settings.json', (route) => route.fulfill({ json: { socket: '', apps: [{ app: 'mini_event', path: '/mini_event/' }] } })),
  });
  await page.waitForURL('**/mini_event/**', { waitUntil: 'commit' });
  await loaded(page);
  assert.equal(new URL(page.url()).hash, hash);
  await close();
});

test('the launcher knows the apps of this server', async () => {
  const { page, close } = await open('visitor', { link: `${origin}/${new URL(links.visitor).hash}`, wait: false });
  await page.locator('#board, .launcher__app').first().waitFor();
  await close();
});

test('the launcher lists several apps by name', async () => {
  const settings = { socket: '', apps: [{ app: 'mini_event', path: '/mini_event/' }, { app: 'conferences', path: '/conferences/' }, { app: 'clicker', path: '/clicker/' }] };
  const { page, close } = await open('visitor', {
    link: `${origin}/${new URL(links.visitor).hash}`, wait: false,
    before: (page) => page.route('**/settings.json', (route) => route.fulfill({ json: settings })),
  });
  await page.getByRole('link', { name: 'Conferences' }).waitFor();
  assert.deepEqual(await page.getByRole('link').allTextContents(), ['Events', 'Conferences', 'clicker']);
  await close();
});
