/** The connection: what the page does when it breaks, comes back, or is refused. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, eventually, frame, links, open, pretend, withdraw } from './world.mjs';

test('a broken connection shows a bar and comes back by itself', async () => {
  const event = await create();
  let server;
  const before = (page) => page.routeWebSocket(/\/wss\/$/, (route) => {
    route.connectToServer();
    server = route;
  });
  const { page, card, close } = await open('visitor', { before });
  await server.close({ code: 1013 });
  await page.getByText('Connection lost').waitFor();
  await card(event).waitFor();
  await eventually(async () => assert.equal(await page.locator('.offline-bar').isVisible(), false));
  await close();
});

test('what was deleted meanwhile is gone, and nothing flickers', async () => {
  const gone = await create();
  const stays = await create();
  const { page, context, card, close } = await open('visitor');
  await page.evaluate(() => {
    window.fewest = Infinity;
    new MutationObserver(() => (window.fewest = Math.min(window.fewest, document.querySelectorAll('.card').length))).observe(document.getElementById('days'), { childList: true, subtree: true });
  });
  await context.setOffline(true);
  await page.getByText('You are offline').waitFor();
  await withdraw(gone.id);
  await context.setOffline(false);
  await card(gone).waitFor({ state: 'detached' });
  await card(stays).waitFor();
  assert.ok((await page.evaluate(() => window.fewest)) >= 1);
  await close(/ERR_INTERNET_DISCONNECTED|WebSocket/);
});

test('pauses between attempts double, and "Connect now" does not wait', async () => {
  const attempts = [];
  const before = async (page) => {
    await page.clock.install();
    await page.routeWebSocket(/\/wss\/$/, (route) => {
      attempts.push(route);
      route.close({ code: 1013 });
    });
  };
  const { page, close } = await open('visitor', { before, wait: false });
  await eventually(() => attempts.length === 1);
  const retry = page.getByRole('button', { name: 'Connect now' });
  await retry.waitFor();
  await page.clock.runFor(1000);
  await eventually(() => attempts.length === 2);
  await page.clock.runFor(400);
  assert.equal(attempts.length, 2);
  await page.clock.runFor(1700);
  await eventually(() => attempts.length === 3);
  await retry.click();
  await eventually(() => attempts.length === 4);
  await close();
});

test('a refused login says why and does not try again', async () => {
  let sockets = 0;
  const before = async (page) => {
    await page.clock.install();
    await page.routeWebSocket(/\/wss\/$/, (route) => {
      sockets += 1;
      route.onMessage(() => {
        route.send(JSON.stringify({ type: 'disconnect', reason: 'expired', msg: 'This link is too old.' }));
        route.close({ code: 1000 });
      });
      route.send(JSON.stringify({ type: 'connect' }));
    });
  };
  const { page, close } = await open('visitor', { before });
  await page.getByText('This link is too old.').waitFor();
  await page.clock.runFor(120_000);
  assert.equal(sockets, 1);
  assert.equal(await page.locator('.offline-bar').isVisible(), false);
  await page.getByRole('button', { name: 'Try again' }).waitFor();
  await close();
});

test('a forged login is refused by the server with a reason', async () => {
  const link = links.visitor.replace(/hash%3D\w+/, `hash%3D${'0'.repeat(64)}`);
  assert.notEqual(link, links.visitor);
  const { page, close } = await open('visitor', { link });
  await page.getByRole('heading', { name: 'This page cannot log in' }).waitFor();
  assert.ok((await page.locator('.empty p').innerText()).length > 10);
  await close();
});

test('errors are shown and read out', async () => {
  let send;
  const { page, close } = await open('visitor', { before: pretend({ events: [frame(1)], onSocket: (_, tell) => (send = tell) }) });
  send({ type: 'error', code: 'too-fast', msg: 'Slow down, please.' });
  await page.getByRole('alert').getByText('Slow down, please.').waitFor();
  await page.getByRole('alert').getByRole('button', { name: 'Close' }).click();
  await page.getByText('Slow down, please.').waitFor({ state: 'detached' });
  await close();
});

test('frames of later versions do no harm', async () => {
  let route;
  const { card, close } = await open('visitor', { before: pretend({ events: [frame(1)], onSocket: (socket) => (route = socket) }) });
  for (const text of ['not json', '[]', '7', 'null', '{"type":"surprise"}', '{"no":"type"}']) route.send(text);
  route.send(JSON.stringify(frame(2, { brand_new: { deep: true } })));
  await card(2).waitFor();
  await close();
});

test('a repeating event whose date has passed is asked for anew', async () => {
  let logins = 0;
  const before = async (page) => {
    await page.clock.install();
    await pretend({ events: () => [frame(1, { hours: (logins += 1) === 1 ? 0.1 : 24, recurrence: 'daily' })] })(page);
  };
  const { page, card, close } = await open('visitor', { before });
  await page.clock.runFor(66 * 60_000 + 1000);
  await eventually(async () => {
    await page.clock.runFor(2000);
    assert.ok(logins >= 2);
  });
  await page.locator('.day .card').waitFor();
  assert.equal(await card(1).count(), 1);
  await close();
});

test('a mini app of one\'s own needs `open` and `send`, and no more', async () => {
  const event = await create();
  const { page, card, close } = await open('visitor');
  const sent = await page.evaluate(async (id) => {
    const { open } = await import('/lib/socket.js');
    return new Promise((done) => {
      const socket = open({ app: 'mini_event', onFrame: (frame) => frame.type === 'events-loaded' && done(socket.send({ type: 'attend', event: id })) });
    });
  }, event.id);
  assert.equal(sent, true);
  await card(event).getByText('You are going').waitFor();
  await close();
});
