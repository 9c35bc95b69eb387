/** One-time messages on their page: opened once, by a button, in any browser. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { eventually, open } from './world.mjs';

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const NOBODY = 'f'.repeat(64);

const server = fromEnvironment('ROOST_API');
const key = fromEnvironment('ROOST_API_KEY');

function fromEnvironment(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; see README.md beside this file`);
  return value;
}

/** Every visitor has an address of their own, so that wrong tries of one test stop no other. */
let visitors = 0;
const elsewhere = () => ({ 'X-Forwarded-For': `2001:db8:0:${(visitors += 1).toString(16)}::1` });

/** The link of a new message. */
async function message(text, fields = {}) {
  const answer = await fetch(`${server}/api/v1/create_message`, {
    method: 'POST', headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ text, ...fields }),
  });
  const made = await answer.json();
  assert.equal(answer.status, 201, JSON.stringify(made));
  return `${server}/s/${made.id}#${made.access_token}`;
}

/** Opens a link as somebody new. */
async function visit(link, { before = () => {}, ...options } = {}) {
  const { page, context, close } = await open('visitor', { link, wait: false, before, reducedMotion: 'reduce', ...options });
  await context.route(`${server}/s/**`, async (route) => route.continue({ headers: { ...route.request().headers(), ...elsewhere() } }));
  await page.locator('#secret:not([aria-busy])').waitFor();
  return { page, context, close: () => close(/status of (404|429|500)|ERR_FAILED/) };
}

const button = (page) => page.locator('button[type=submit]');
const press = (page) => button(page).click();
const no = (page) => page.locator('#no:not([hidden])');

test('a message is shown once, when the button is pressed', async () => {
  const link = await message('the door code is 4711');
  const first = await visit(link);
  assert.equal(await first.page.locator('h1').innerText(), 'Somebody left a message for you');
  assert.doesNotMatch(await first.page.content(), /4711/);
  await first.page.reload();
  await press(first.page);
  assert.equal(await first.page.locator('#text').innerText(), 'the door code is 4711');
  assert.equal(first.page.url(), link.split('#')[0], 'the token is not in the address bar any more');
  assert.equal(await first.page.evaluate(() => document.activeElement.textContent), 'Your message');
  await first.page.reload();
  await first.page.getByText('This link is not whole').waitFor();
  await first.close();
  const second = await visit(link);
  await press(second.page);
  await no(second.page).getByText('cannot be opened').waitFor();
  assert.equal(await second.page.locator('#text').count(), 0);
  await second.close();
});

test('a text is shown letter by letter, whatever it looks like', async () => {
  const text = '<img src=x onerror="document.title=\'broken\'">\n\n  two  spaces &amp; שלום\u202e😀\n' + 'long'.repeat(200);
  const { page, close } = await visit(await message(text), { viewport: { width: 320, height: 640 } });
  await press(page);
  assert.equal(await page.locator('#text').evaluate((element) => element.textContent), text);
  assert.equal(await page.locator('#text').evaluate((element) => getComputedStyle(element).whiteSpace), 'pre-wrap');
  assert.equal(await page.locator('#text *').count(), 0);
  assert.equal(await page.title(), 'One-time message');
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
  await close();
});

test('it needs nothing from Telegram and breaks no rule of the page', async () => {
  const outside = [];
  const { page, close } = await visit(await message('x'), {
    before: async (page) => {
      page.on('request', (request) => request.url().startsWith(server) || outside.push(request.url()));
      await page.addInitScript(() => {
        window.broken = [];
        document.addEventListener('securitypolicyviolation', (event) => window.broken.push(`${event.violatedDirective} ${event.blockedURI}`));
      });
    },
  });
  await press(page);
  await page.locator('#text').waitFor();
  assert.deepEqual(await page.evaluate(() => window.broken), []);
  assert.deepEqual(outside.filter((url) => !url.startsWith('data:')), []);
  const source = await (await fetch(`${server}/s/1`)).text();
  assert.doesNotMatch(source, /<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=/i);
  assert.deepEqual(await page.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage), document.cookie]), [[], [], '']);
  await close();
});

test('a passphrase is asked for when it is needed, and checked', async () => {
  const { page, close } = await visit(await message('sesame', { passphrase: 'open: 😀' }));
  assert.equal(await page.getByLabel('Passphrase').isVisible(), false);
  await press(page);
  await no(page).getByText('opens with a passphrase').waitFor();
  await eventually(() => page.getByLabel('Passphrase').evaluate((field) => field === document.activeElement));
  await page.keyboard.type('wrong');
  await page.keyboard.press('Enter');
  await no(page).getByText('cannot be opened').waitFor();
  await page.getByLabel('Passphrase').fill('open: 😀');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('#text').innerText(), 'sesame');
  await close();
});

test('whoever has a passphrase can give it at once, and one that is not needed does no harm', async () => {
  for (const fields of [{ passphrase: 'open sesame' }, {}]) {
    const { page, close } = await visit(await message('sesame', fields));
    await page.getByText('I have a passphrase').click();
    await page.getByLabel('Passphrase').fill('open sesame');
    await press(page);
    assert.equal(await page.locator('#text').innerText(), 'sesame');
    await close();
  }
});

test('everything can be done with the keyboard alone', async () => {
  const { page, context, close } = await visit(await message('typed'));
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server });
  const tabTo = async (wanted) => {
    for (let presses = 0; presses < 10; presses += 1) {
      await page.keyboard.press('Tab');
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
    }
    assert.fail(`the keyboard does not reach ${wanted}`);
  };
  await tabTo(page.locator('summary'));
  await page.keyboard.press('Enter');
  await eventually(() => page.getByLabel('Passphrase').evaluate((field) => field === document.activeElement));
  await tabTo(button(page));
  await page.keyboard.press('Enter');
  await page.locator('#text').waitFor();
  await tabTo(page.locator('#text'));
  await tabTo(page.getByRole('button', { name: 'Copy' }));
  await page.keyboard.press('Enter');
  await page.getByText('Copied').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'typed');
  await close();
});

test('where the browser copies nothing, the text is left selected', async () => {
  const { page, close } = await visit(await message('by hand'), {
    before: (page) => page.addInitScript(() => {
      Object.defineProperty(navigator, 'clipboard', { value: undefined });
      document.execCommand = () => false;
    }),
  });
  await press(page);
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByText('copy it by hand').waitFor();
  assert.equal(await page.evaluate(() => String(window.getSelection())), 'by hand');
  await close();
});

test('a link without its end opens nothing and says so', async () => {
  const link = await message('whole');
  for (const cut of [link.split('#')[0], link.slice(0, -1), `${link}0`, `${link.split('#')[0]}#`]) {
    const { page, close } = await visit(cut);
    await page.getByText('This link is not whole').waitFor();
    assert.equal(await button(page).count(), 0);
    await close();
  }
  // The whole link in the same window, with the full stop of a sentence behind it.
  const { page, close } = await visit(link.split('#')[0]);
  await page.evaluate((hash) => { location.hash = hash; }, `${link.split('#')[1]}.`);
  await press(page);
  assert.equal(await page.locator('#text').innerText(), 'whole');
  await close();
});

test('whatever goes wrong is said in words, and trying again is possible', async () => {
  const link = await message('after all');
  for (const [fault, says] of [
    [{ status: 429, headers: { 'Retry-After': '61' }, json: {} }, 'try again in 2 minutes'],
    [{ status: 429, headers: { 'Retry-After': '60' }, json: {} }, 'try again in 1 minute.'],
    [{ status: 503, json: {} }, 'Nothing is lost'],
    [{ status: 500, body: '<html>' }, 'Nothing is lost'],
    [{ status: 200, body: '{' }, 'The connection broke'],
    [null, 'The connection broke'],
  ]) {
    const { page, close } = await visit(link);
    const refuse = (route) => (route.request().method() !== 'POST' ? route.fallback() : fault ? route.fulfill(fault) : route.abort());
    await page.route('**/s/*', refuse);
    await press(page);
    await no(page).getByText(says).waitFor();
    assert.equal(await button(page).getAttribute('aria-disabled'), null);
    await page.unroute('**/s/*', refuse);
    if (!fault) {
      await press(page);
      assert.equal(await page.locator('#text').innerText(), 'after all');
    }
    await close().catch((error) => { if (!/status of 503/.test(error.message)) throw error; });
  }
});

test('two presses ask once', async () => {
  const { page, close } = await visit(await message('once'));
  let asked = 0;
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  await page.route('**/s/*', async (route) => {
    asked += route.request().method() === 'POST' ? 1 : 0;
    await held;
    await route.fallback();
  });
  await press(page);
  await page.getByText('Opening…').waitFor();
  await button(page).click({ force: true });
  await page.keyboard.press('Enter');
  release();
  assert.equal(await page.locator('#text').innerText(), 'once');
  assert.equal(asked, 1);
  await close();
});

test('going back to the page shows the text no more', async () => {
  const { page, close } = await visit(await message('gone with the page'));
  await press(page);
  await page.locator('#text').waitFor();
  await page.goto(`${server}/status`);
  await page.goBack();
  await page.getByText('This link is not whole').waitFor();
  assert.doesNotMatch(await page.content(), /gone with the page/);
  await close();
});

/** Walks through every view and calls `look` in each. */
async function tour(options, look) {
  const link = await message('Line one\nשלום\n' + 'The door code is 4711. '.repeat(30), { passphrase: 'p' });
  const { page, close } = await visit(link, options);
  await look(page, 'waiting');
  await press(page);
  await no(page).waitFor();
  await look(page, 'passphrase');
  await page.locator('#passphrase').fill('p');
  await press(page);
  await page.locator('#text').waitFor();
  await look(page, 'shown');
  await close();
  const wrong = await visit(`${server}/s/${1_000_000 + visitors}#${NOBODY}`, options);
  await press(wrong.page);
  await no(wrong.page).waitFor();
  await look(wrong.page, 'no');
  await wrong.close();
  const cut = await visit(`${server}/s/1`, options);
  await look(cut.page, 'not whole');
  await cut.close();
}

for (const colorScheme of ['light', 'dark']) {
  for (const viewport of [{ width: 360, height: 740 }, { width: 1280, height: 800 }]) {
    test(`axe finds nothing: ${colorScheme}, ${viewport.width} px`, async () => {
      await tour({ colorScheme, viewport }, async (page, view) => {
        await page.evaluate(AXE);
        const { violations } = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), RULES);
        assert.deepEqual(violations.map(({ id, nodes }) => `${view}: ${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join('; ')}`), []);
        if (process.env.ROOST_PICTURES) await page.screenshot({ path: `${process.env.ROOST_PICTURES}/${colorScheme}-${viewport.width}-${view.replace(' ', '-')}.png` });
      });
    });
  }
}

for (const [locale, heading, shown] of [['en-GB', 'Somebody left a message for you', 'Your message'], ['ru-RU', 'Вам оставили сообщение', 'Ваше сообщение'], ['de-AT', 'Jemand hat dir eine Nachricht hinterlassen', 'Deine Nachricht'], ['es-MX', 'Alguien te ha dejado un mensaje', 'Tu mensaje'], ['fr-FR', 'Somebody left a message for you', 'Your message']]) {
  test(`the page speaks to ${locale} and fits 320 px`, async () => {
    const headings = [];
    await tour({ locale, viewport: { width: 320, height: 600 } }, async (page, view) => {
      headings.push(await page.locator('h1').innerText());
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, view);
      const known = locale.slice(0, 2) === 'fr' ? 'en' : locale.slice(0, 2);
      assert.equal(await page.evaluate(() => document.documentElement.lang), known);
      if (process.env.ROOST_PICTURES) await page.screenshot({ path: `${process.env.ROOST_PICTURES}/${known}-320-${view.replace(' ', '-')}.png` });
    });
    assert.equal(headings[0], heading);
    assert.equal(headings[2], shown);
  });
}
