/** Conferences in a browser: tiles, lists, stops, for everybody, and nothing for those without the right. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { eventually, initData, links, open, origin, speaking, userOf } from './world.mjs';
import { login } from './websocket.mjs';
import { themed } from './themes.mjs';
import { conference, conferences, everyState, pages, pretend, server } from './servers.mjs';

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const reduced = { reducedMotion: 'reduce' };

/** Opens Conferences as somebody. */
const look = (who, options = {}) => open(who, { link: pages[who], ...options });

async function axe(page, view) {
  await page.evaluate(AXE);
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))));
  const { violations } = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), RULES);
  assert.deepEqual(violations.map(({ id, nodes }) => `${view}: ${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join('; ')}`), []);
}

/** Answers as the server does: the question for a stop, and its outcome. */
function answering(list = everyState(), outcome = 'stopped', reason = null) {
  return (frame, send) => {
    const of = list.find((each) => each.id === frame.id);
    if (frame.type === 'ask-stop') {
      const found = of.conferences.find((each) => each.key === frame.conference);
      send({ type: 'confirm', ask: 7, id: frame.id, conference: frame.conference, topic: found.topic, people: found.people });
    }
    if (frame.type === 'stop') {
      const [first, ...rest] = of.conferences;
      const left = outcome === 'stopped' ? rest : of.conferences;
      send({ ...of, conferences: left, running: left.length, stops: [{ ask: 7, key: first.key, topic: first.topic, by: 'Ada', outcome, reason, at: new Date().toISOString() }] });
    }
    if (frame.type === 'watch') send({ ...of, monitored: frame.on, state: frame.on ? 'unknown' : 'off' });
  };
}

const tile = (page, id) => page.locator(`.tile[data-id="${id}"]`);
const row = (page, key) => page.locator(`.conference[data-key="${key}"]`);

/** Walks through every view and calls `see` in each. */
async function tour(page, see) {
  await tile(page, 1).waitFor();
  await see('tiles');
  await tile(page, 1).locator('.tile__foot button').first().click();
  await row(page, 'g').waitFor();
  await see('all conferences');
  await row(page, 'a').getByRole('button').click();
  await page.getByRole('dialog').waitFor();
  await see('question');
  await page.getByRole('dialog').getByRole('button').first().click();
  await tile(page, 5).locator('.tile__tools button').last().click();
  await page.getByRole('dialog').waitFor();
  await see('question about monitoring');
  await page.keyboard.press('Escape');
}

for (const colorScheme of ['light', 'dark']) {
  for (const viewport of [{ width: 360, height: 740 }, { width: 1280, height: 800 }]) {
    test(`axe finds nothing: ${colorScheme}, ${viewport.width} px`, async () => {
      const { page, close } = await look('admin', { colorScheme, viewport, ...reduced, before: pretend({ answer: answering() }) });
      await tour(page, (view) => axe(page, view));
      await close();
    });
  }
}

test('axe finds nothing while loading, offline, empty or refused', async () => {
  for (const [view, text, before] of [
    ['loading', /Loading servers/, (page) => page.routeWebSocket(/\/wss\/$/, () => {})],
    ['offline', /Connection lost/, (page) => page.routeWebSocket(/\/wss\/$/, (route) => route.close({ code: 1013 }))],
    ['empty', /There is nothing here for you/, pretend({ servers: [] })],
    ['refused', /This page cannot log in/, (page) => page.routeWebSocket(/\/wss\/$/, (route) => route.send('{"type":"disconnect","msg":"No."}'))],
  ]) {
    const { page, close } = await look('visitor', { ...reduced, wait: false, before });
    await page.getByText(text).first().waitFor({ state: 'attached' });
    await axe(page, view);
    await close();
  }
});

test('every text can be read in themes nobody can read', async () => {
  const grey = { bg_color: '#777777', secondary_bg_color: '#888888', text_color: '#808080', hint_color: '#7a7a7a', link_color: '#767676', button_color: '#999999', button_text_color: '#aaaaaa', destructive_text_color: '#886666' };
  const night = { bg_color: '#18222d', secondary_bg_color: '#131415', text_color: '#ffffff', hint_color: '#b1c3d5', link_color: '#62bcf9', button_color: '#2ea6ff', button_text_color: '#ffffff', destructive_text_color: '#ef5b5b', accent_text_color: '#2ea6ff', section_bg_color: '#18222d', subtitle_text_color: '#b1c3d5' };
  for (const theme of [grey, night]) {
    for (const telegram of ['real', 'none']) {
      const { page, close } = await look('admin', { ...reduced, telegram, link: themed(pages.admin, theme), before: pretend({ answer: answering() }) });
      await tour(page, (view) => axe(page, view));
      await close();
    }
  }
});

test('nothing is wider than the screen in any view and language', async () => {
  for (const [language, width] of [['en', 320], ['ru', 320], ['de', 320], ['es', 320], ['de', 360]]) {
    const { link } = speaking('admin', language);
    const { page, close } = await look('admin', { ...reduced, link: conferences(link), viewport: { width, height: 640 }, before: pretend({ answer: answering() }) });
    await tour(page, async (view) => assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, `${language}, ${view}`));
    await close();
  }
});

for (const [language, heading, down, stop] of [['en', 'Conferences', '1 server is down', 'Stop'], ['ru', 'Конференции', '1 сервер не работает', 'Остановить'], ['de', 'Konferenzen', '1 Server ist ausgefallen', 'Beenden'], ['es', 'Conferencias', '1 servidor está caído', 'Detener']]) {
  test(`the page speaks ${language}`, async () => {
    const { link } = speaking('admin', language);
    const { page, close } = await look('admin', { link: conferences(link), before: pretend() });
    await page.getByRole('heading', { name: heading, exact: true }).waitFor();
    await page.getByText(down).waitFor();
    await row(page, 'a').getByText(stop, { exact: true }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), language);
    await close();
  });
}

test('servers that are down stand first, and moving keeps the keyboard where it is', async () => {
  let speak;
  const { page, close } = await look('admin', { ...reduced, before: pretend({ onSocket: (_, send) => (speak = send) }) });
  await tile(page, 1).waitFor();
  const order = () => page.locator('.tile').evaluateAll((all) => all.map((each) => Number(each.dataset.id)));
  assert.deepEqual(await order(), [2, 1, 5, 3, 4]);
  const button = tile(page, 5).getByRole('button', { name: 'Turn monitoring off' });
  await button.focus();
  speak(server(5, { name: 'Quiet', state: 'down', reason: 'refused' }));
  await page.getByText('2 servers are down').waitFor();
  assert.deepEqual(await order(), [5, 2, 1, 3, 4]);
  assert.equal(await button.evaluate((element) => element === document.activeElement), true);
  await close();
});

test('a tile says how a server is, how it was, and why', async () => {
  const { page, close } = await look('admin', { before: pretend() });
  const head = await tile(page, 1).innerText();
  for (const text of ['Head office', 'Up', 'for 3h 20m', '100%', '99.99%', '–', 'last 12 ms', '36 people online', '23 available, 4 busy, 9 in conferences', '7 conferences are running', 'anna@server.example · 3 people · 25m']) {
    assert.ok(head.replaceAll('\u00a0', ' ').includes(text), `${text}: ${head}`);
  }
  const curve = tile(page, 1).getByRole('img');
  assert.match(await curve.getAttribute('aria-label'), /last 12 ms, longest 30 ms, 2 gaps$/);
  assert.equal(await curve.locator('polyline').count(), 2);
  assert.equal(await curve.locator('.sparkline__failure').count(), 2);
  const branch = await tile(page, 2).innerText();
  for (const text of ['Филиал <b>|</b>', 'Down', 'TLS: the certificate is of an unknown authority', 'People online: a permission is missing: users:read', 'Conferences: server error 503', 'No measurements yet']) {
    assert.ok(branch.includes(text), `${text}: ${branch}`);
  }
  const off = tile(page, 3);
  await off.getByText('Not watched').waitFor();
  assert.deepEqual(await off.getByRole('button').allInnerTexts(), ['Show people and conferences', 'Turn monitoring on']);
  assert.equal(await tile(page, 4).getByRole('button').count(), 0, 'who may only look has no button');
  await tile(page, 4).getByText('Asking what is running').waitFor();
  const quiet = await tile(page, 5).innerText();
  assert.ok(quiet.includes('Untitled') && !quiet.includes('Stop') && !quiet.includes('Manage'), quiet);
  await close();
});

test('links lead to the server by https, in a window of their own', async () => {
  const list = [server(1, { conferences: [conference('a'), conference('b', { join: 'javascript:alert(1)', control: 'http://x/' })] }), server(2, { may_stop: false, conferences: [conference('c')] })];
  const { page, close } = await look('admin', { before: pretend({ servers: list }) });
  const links = await page.locator('.conference a').evaluateAll((all) => all.map((a) => [a.getAttribute('href'), a.target, a.rel]));
  assert.deepEqual(links.map(([href]) => href), ['https://server.example/c/a', 'https://server.example/tools/real-time/a', 'https://server.example/c/c']);
  assert.ok(links.every(([, target, rel]) => target === '_blank' && rel.includes('noopener')));
  await close();
});

test('a conference is stopped after a question with its name and the number of people', async () => {
  const sent = [];
  const answer = answering();
  const { page, close } = await look('admin', { ...reduced, before: pretend({ answer: (frame, send) => (sent.push(frame), answer(frame, send)) }) });
  await row(page, 'a').getByRole('button', { name: 'Stop Conference a' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('3 people are in it. Server: \u2068Head office\u2069.').waitFor();
  await dialog.getByRole('button', { name: 'Keep it running' }).click();
  assert.deepEqual(sent.filter(({ type }) => type === 'stop'), []);
  await row(page, 'a').getByRole('button').click();
  await dialog.getByRole('button', { name: 'Stop it' }).click();
  await page.getByText('is stopped').waitFor();
  await row(page, 'a').waitFor({ state: 'detached' });
  await tile(page, 1).getByText('6 conferences are running').waitFor();
  assert.deepEqual(sent.filter(({ type }) => type === 'stop'), [{ type: 'stop', id: 1, ask: 7, app: 'conferences' }]);
  await close();
});

for (const [outcome, reason, text] of [['gone', null, 'had already ended by itself'], ['replaced', null, 'the new run was left alone'], ['failed', 'permission-conferences', 'could not be stopped: a permission is missing: conferences'], ['unclear', 'timed-out', 'It is not certain whether']]) {
  test(`what came of a stop is said: ${outcome}`, async () => {
    const { page, close } = await look('admin', { ...reduced, before: pretend({ answer: answering(everyState(), outcome, reason) }) });
    await row(page, 'a').getByRole('button').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop it' }).click();
    await page.getByRole('alert').getByText(text).waitFor();
    assert.equal(await row(page, 'a').getByRole('button').getAttribute('aria-disabled'), 'false');
    await close();
  });
}

test('a refused stop is said and the button comes back', async () => {
  for (const [refuse, at] of [[{ code: 'no-such-conference', conference: 'a' }, 'ask-stop'], [{ code: 'not-stopped', ask: 7 }, 'stop']]) {
    const normal = answering();
    const answer = (frame, send) => (frame.type === at ? send({ type: 'error', msg: 'Somebody was faster.', ...refuse }) : normal(frame, send));
    const { page, close } = await look('admin', { ...reduced, before: pretend({ answer }) });
    await row(page, 'a').getByRole('button').click();
    if (at === 'stop') await page.getByRole('dialog').getByRole('button', { name: 'Stop it' }).click();
    await page.getByRole('alert').getByText('Somebody was faster.').waitFor();
    await eventually(async () => (await row(page, 'a').getByRole('button').getAttribute('aria-disabled')) === 'false');
    await close();
  }
});

test('a question that comes with the frame is put to who asked, once', async () => {
  const list = [server(1, { conferences: [conference('a', { people: null })] })];
  const questions = [{ ask: 9, key: 'a', topic: 'Conference a', people: 12, to: 5 }, { ask: 8, key: 'a', topic: 'Conference a', people: 1, to: 6 }];
  const answer = (frame, send) => frame.type === 'ask-stop' && [1, 2].forEach(() => send({ ...list[0], questions }));
  const { page, close } = await look('admin', { ...reduced, before: pretend({ servers: [{ ...list[0], questions }], answer }) });
  await row(page, 'a').waitFor();
  assert.equal(await page.getByRole('dialog').count(), 0, 'nobody has asked on this page');
  await row(page, 'a').getByRole('button').click();
  await page.getByRole('dialog').getByText('12 people are in it.').waitFor();
  assert.equal(await page.getByRole('dialog').count(), 1);
  await close();
});

test('others hear who stopped what, once', async () => {
  let speak;
  const { page, close } = await look('admin', { ...reduced, before: pretend({ servers: [server(1, { conferences: [conference('a')] })], onSocket: (_, send) => (speak = send) }) });
  await row(page, 'a').waitFor();
  const stops = [{ ask: 3, key: 'a', topic: 'Conference a', by: 'Grace <b>', outcome: 'stopped', reason: null, at: new Date().toISOString() }];
  speak(server(1, { stops }));
  await page.getByText('\u2068Grace <b>\u2069 stopped \u2068Conference a\u2069').waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  speak(server(1, { stops, running: 0 }));
  await tile(page, 1).getByText('No conference is running').waitFor();
  assert.equal(await page.locator('.toast').count(), 0);
  await close();
});

test('700 conferences are shown part by part', async () => {
  const all = Array.from({ length: 700 }, (_, n) => conference(`k${n}`));
  const asked = [];
  const answer = (frame, send) => {
    if (frame.type !== 'conferences') return;
    asked.push(frame.from);
    send({ type: 'conferences', id: 1, from: frame.from, list: all.slice(frame.from, frame.from + 100) });
  };
  const { page, close } = await look('admin', { ...reduced, before: pretend({ servers: [server(1, { running: 700, conferences: all.slice(0, 60) })].map((each) => ({ ...each, running: 700 })), answer }) });
  const rows = page.locator('.conference');
  assert.equal(await rows.count(), 5);
  const more = page.getByRole('button', { name: 'Show more' });
  await more.click();
  await eventually(async () => (await rows.count()) === 55);
  await more.click();
  await eventually(async () => (await rows.count()) === 105);
  assert.deepEqual(asked, [60]);
  await page.getByRole('button', { name: 'Show less' }).click();
  assert.equal(await rows.count(), 5);
  await close();
});

test('everything can be done with the keyboard alone', async () => {
  const { page, close } = await look('admin', { ...reduced, before: pretend({ answer: answering() }) });
  await tile(page, 1).waitFor();
  const tabTo = async (wanted) => {
    for (let presses = 0; presses < 80; presses += 1) {
      await page.keyboard.press('Tab');
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
    }
    assert.fail(`the keyboard does not reach ${wanted}`);
  };
  await tabTo(tile(page, 1).getByRole('button', { name: 'Show more' }));
  await page.keyboard.press('Enter');
  await row(page, 'g').waitFor();
  await tabTo(tile(page, 1).getByRole('button', { name: 'Turn monitoring off' }));
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await eventually(() => tile(page, 1).getByRole('button', { name: 'Turn monitoring off' }).evaluate((element) => element === document.activeElement));
  await page.evaluate(() => document.activeElement.blur());
  await tabTo(row(page, 'a').getByRole('button'));
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await tabTo(page.getByRole('dialog').getByRole('button', { name: 'Stop it' }));
  await page.keyboard.press('Enter');
  await row(page, 'a').waitFor({ state: 'detached' });
  // The row took nobody's place on the page with it.
  assert.equal(await page.evaluate(() => document.activeElement?.className), 'tile__name');
  await close();
});

test('a page that nobody looks at asks nothing', async () => {
  const sent = [];
  const { page, close } = await look('admin', { before: async (page) => {
    await page.clock.install();
    await pretend({ answer: (frame) => sent.push(frame.type) })(page);
  } });
  await eventually(() => sent.length === 1);
  await page.clock.fastForward(16_000);
  await eventually(() => sent.length === 2);
  const hide = (hidden) => page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
  await hide(true);
  await page.clock.fastForward(50_000);
  assert.deepEqual(sent, ['look', 'look']);
  await hide(false);
  await eventually(() => sent.length === 3);
  await close();
});

test('monitoring is switched before the eyes of others', async () => {
  const { page, close } = await look('admin', { ...reduced });
  const branch = page.locator('.tile', { hasText: 'Branch' });
  await branch.getByRole('button', { name: 'Turn monitoring off' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Turn monitoring off' }).click();
  await branch.getByText('Not watched').waitFor();
  const other = await login(origin, initData(links.admin), 'conferences');
  const frame = other.frames.find((each) => each.type === 'server' && each.name === 'Branch');
  assert.deepEqual([frame.monitored, frame.state], [false, 'off']);
  await other.ask({ type: 'watch', id: frame.id, on: true }, (each) => each.type === 'server' && each.id === frame.id);
  await branch.getByText('Up', { exact: true }).waitFor();
  other.close();
  await close();
});

test('a real conference is looked up and stopped', async () => {
  const { page, close } = await look('admin', { ...reduced });
  const head = page.locator('.tile', { hasText: 'Head office' });
  await head.getByText('36 people online').waitFor();
  const webinar = head.locator('.conference', { hasText: 'Webinar: <new> products | part 1' });
  await webinar.getByRole('button').click();
  await page.getByRole('dialog').getByText('3 people are in it.').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop it' }).click();
  await webinar.waitFor({ state: 'detached' });
  await page.getByRole('status').getByText('is stopped').waitFor();
  await close();
});

test('who has no right sees nothing, and no frame comes', async () => {
  const frames = [];
  const { page, close } = await look('visitor', { before: (page) => page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(JSON.parse(payload)))) });
  await page.getByText('There is nothing here for you').waitFor();
  assert.deepEqual(frames.map(({ type }) => type).slice(0, 3), ['connect', 'welcome', 'servers-loaded']);
  assert.ok(!JSON.stringify(frames).includes('Head office'), JSON.stringify(frames));
  assert.equal(await page.locator('.tile').count(), 0);
  await close(/./);
});

test('the launcher offers it to those who may, and takes others straight to the events', async () => {
  const at = (who) => `${origin}/${new URL(links[who]).hash}`;
  const mine = await open('admin', { link: at('admin'), wait: false });
  await mine.page.getByRole('link', { name: 'Conferences' }).click();
  await mine.page.locator('.tile').first().waitFor();
  await mine.close();
  const theirs = await open('visitor', { link: at('visitor'), wait: false });
  await theirs.page.waitForURL('**/mini_event/**', { waitUntil: 'commit' });
  await theirs.close();
});

test('the first load stays within the budget and keeps to the content security policy', async () => {
  const responses = [];
  const { page, close } = await look('admin', {
    before: async (page) => {
      page.on('response', (response) => responses.push(response));
      await page.addInitScript(() => {
        window.broken = [];
        document.addEventListener('securitypolicyviolation', (event) => window.broken.push(`${event.violatedDirective} ${event.blockedURI}`));
      });
    },
  });
  await page.locator('.conference').first().waitFor();
  const ours = responses.filter((response) => !response.url().startsWith('https://telegram.org/'));
  const sizes = await Promise.all(ours.map(async (response) => (await response.body()).length));
  assert.ok(sizes.reduce((sum, size) => sum + size, 0) <= 200 * 1024);
  assert.ok(ours.length <= 20, ours.map((response) => response.url()).join('\n'));
  assert.deepEqual(ours.filter((response) => response.status() >= 400 || !response.url().startsWith(origin)), []);
  assert.deepEqual(await page.evaluate(() => window.broken), []);
  const source = await (await page.request.get(pages.admin.split('#')[0])).text();
  assert.doesNotMatch(source, /<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=/i);
  assert.equal(typeof userOf(links.admin).id, 'number');
  await close();
});
