/** Sharing an event: a message the bot prepared, or a link where that is not possible. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { between, create, eventually, links, open, telegramSays, told } from './world.mjs';

const PREPARED = 'web_app_send_prepared_message';
const LINK = 'web_app_open_tg_link';
const version = (number) => links.visitor.replace(/tgWebAppVersion=[\d.]+/, `tgWebAppVersion=${number}`);

async function sharing(options) {
  const event = await create();
  const opened = await open('visitor', { client: true, link: version('8.0'), ...options });
  await opened.page.waitForFunction(() => window.Telegram?.WebApp);
  await opened.card(event).getByRole('button', { name: 'Share' }).click();
  return opened;
}

/** The page told Telegram this once. */
const tells = (page, type) => eventually(async () => assert.equal((await told(page, type)).length, 1));

test('Telegram shares the message that the bot prepared', async () => {
  const { page, close } = await sharing();
  await tells(page, PREPARED);
  assert.match((await told(page, PREPARED))[0].id, /^prepared/);
  await telegramSays(page, 'prepared_message_sent');
  assert.deepEqual(await told(page, LINK), []);
  await close();
});

test('a person who changes their mind is not asked again', async () => {
  const { page, close } = await sharing();
  await tells(page, PREPARED);
  await telegramSays(page, 'prepared_message_failed', { error: 'USER_DECLINED' });
  assert.deepEqual(await told(page, LINK), []);
  await close();
});

test('a message that cannot be sent becomes a link', async () => {
  const { page, close } = await sharing();
  await tells(page, PREPARED);
  await telegramSays(page, 'prepared_message_failed', { error: 'UNSUPPORTED' });
  await tells(page, LINK);
  await close();
});

test('without a prepared message a link is shared', async () => {
  const none = between({ toPage: (frame) => (frame.type === 'prepared' ? { ...frame, id: null } : frame) });
  const silent = between({ toServer: (frame) => (frame.type === 'share' ? null : frame) });
  for (const options of [{ before: none }, { before: silent }, { link: version('7.10') }]) {
    const { page, close } = await sharing(options);
    await tells(page, LINK);
    assert.deepEqual(await told(page, PREPARED), []);
    await close();
  }
});
