/** The first load: how much, how many, and from where. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, links, open, origin, picture } from './world.mjs';

const MOST_BYTES = 200 * 1024;
const MOST_REQUESTS = 20;

/** Loads a page and counts what it fetches; pictures of events are counted as requests, not as bytes of ours. */
async function measure(who, viewport) {
  const requests = [];
  const { page, close } = await open(who, {
    viewport,
    before: (page) => page.on('response', (response) => requests.push(response)),
  });
  await page.waitForFunction(() => [...document.images].every((image) => !image.src || image.complete));
  const ours = requests.filter((response) => !response.url().startsWith('https://telegram.org/'));
  const sizes = await Promise.all(ours.map(async (response) => (response.url().includes('/media/') ? 0 : (await response.body()).length)));
  const result = { addresses: ours.map((response) => response.url().split('#')[0]), bytes: sizes.reduce((sum, size) => sum + size, 0), statuses: ours.map((response) => response.status()) };
  await close();
  return result;
}

for (const [who, viewport] of [['visitor', { width: 390, height: 844 }], ['visitor', { width: 1280, height: 800 }], ['admin', { width: 390, height: 844 }]]) {
  test(`the first load of ${who} at ${viewport.width} px stays within the budget`, async (t) => {
    const file = await picture(640, 360);
    await create({ image: { name: 'a.png', base64: file.buffer.toString('base64') } });
    const { addresses, bytes, statuses } = await measure(who, viewport);
    t.diagnostic(`${addresses.length} requests, ${bytes} bytes uncompressed`);
    assert.ok(bytes <= MOST_BYTES, `${bytes} bytes`);
    assert.ok(addresses.length <= MOST_REQUESTS, addresses.join('\n'));
    assert.deepEqual(addresses.filter((address) => !address.startsWith(origin)), []);
    assert.deepEqual(statuses.filter((status) => status >= 400), []);
  });
}

test('every answer keeps the browser from guessing and from telling where one was', async () => {
  const { page, close } = await open('visitor');
  const answer = await page.request.get(links.visitor.split('#')[0]);
  const headers = answer.headers();
  assert.match(headers['content-security-policy'], /script-src 'self' https:\/\/telegram\.org/);
  assert.doesNotMatch(headers['content-security-policy'], /unsafe/);
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['referrer-policy'], 'no-referrer');
  await close();
});

test('nothing on the page breaks the content security policy', async () => {
  const { page, close } = await open('admin', {
    before: (page) => page.addInitScript(() => {
      window.broken = [];
      document.addEventListener('securitypolicyviolation', (event) => window.broken.push(`${event.violatedDirective} ${event.blockedURI}`));
    }),
  });
  await page.getByRole('button', { name: 'New event' }).click();
  await page.locator('input[type=file]').setInputFiles(await picture(640, 360));
  await page.getByAltText('Preview of the picture').waitFor();
  assert.deepEqual(await page.evaluate(() => window.broken), []);
  await close();
});

test('the page holds no script and no style of its own between the lines', async () => {
  const { page, close } = await open('visitor');
  for (const path of ['/', '/mini_event/']) {
    const source = await (await page.request.get(new URL(path, origin).href)).text();
    assert.doesNotMatch(source, /<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=/i, path);
  }
  await close();
});
