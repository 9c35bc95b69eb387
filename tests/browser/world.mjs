/**
 * What the tests share: a browser, the two people of a running server, and events made for one test.
 *
 * `ROOST_VISITOR` and `ROOST_ADMIN` are links that open Mini Events as a visitor and as an admin;
 * `CHROMIUM` names another browser than `/usr/bin/chromium`.
 */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after } from 'node:test';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { login } from './websocket.mjs';

const require = createRequire(import.meta.url);

/** Telegram's own script, which a page would load from telegram.org. */
const TELEGRAM = fs.readFileSync(require.resolve('@twa-dev/sdk').replace(/dist.*$|src.*$/, 'src/telegram-web-apps.js'), 'utf8');

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** The zone of the events and, unless a test says otherwise, of the viewers. */
export const ZONE = 'Europe/Berlin';

export const links = { visitor: fromEnvironment('ROOST_VISITOR'), admin: fromEnvironment('ROOST_ADMIN') };
export const origin = new URL(links.visitor).origin;

function fromEnvironment(name) {
  const link = process.env[name];
  if (!link) throw new Error(`${name} is not set; start \`roost demo\` and give the link it prints`);
  return link;
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
const sockets = [];
const made = new Set();

after(async () => {
  await Promise.all([...made].map((id) => withdraw(id)));
  for (const socket of sockets) socket.close();
  await browser.close();
});

// --- People -------------------------------------------------------------------------------------

/** The launch data inside a link. */
export const initData = (link) => new URLSearchParams(new URL(link).hash.slice(1)).get('tgWebAppData');

/** The person of a link, as Telegram describes them. */
export const userOf = (link) => JSON.parse(new URLSearchParams(initData(link)).get('user'));

/** A plain websocket of a person, without a page. */
export async function person(who) {
  const socket = await login(origin, initData(links[who]));
  sockets.push(socket);
  return socket;
}

let boss;
/** The admin's websocket, which makes what tests need. */
export const admin = async () => (boss ??= await person('admin'));

/** `YYYY-MM-DD`, `days` from today, in `ZONE`. */
export const day = (days) => new Intl.DateTimeFormat('en-CA', { timeZone: ZONE }).format(new Date(Date.now() + days * 86_400_000));

let counter = 0;
/** A title nobody else uses. */
export const unique = (text) => `${text} ${process.pid}-${(counter += 1)}`;

/** Makes an event and gives its frame. It is deleted after the tests of the file. */
export async function create(fields = {}) {
  const event = { title: unique('Event'), description: 'Made by a test', start: `${day(3)} 18:00`, duration: 2, timezone: ZONE, ...fields };
  const frame = await (await admin()).ask({ type: 'create-event', ...event }, (answer) => answer.type === 'event' && answer.title === event.title);
  assert.equal(frame.type, 'event', JSON.stringify(frame));
  made.add(frame.id);
  return frame;
}

/** Deletes an event. */
export async function withdraw(id) {
  made.delete(id);
  await (await admin()).ask({ type: 'delete-event', id }, (frame) => frame.type === 'delete-event' && frame.id === id);
}

// --- Pages --------------------------------------------------------------------------------------

/**
 * Opens the page of a person. Telegram's script is the real one; `telegram: 'none'` refuses it and
 * `'hangs'` never answers, a promise is waited for. `client: true` plays a Telegram client and records what the page tells it.
 * Closing it asserts that there was no error on the console and nothing against the CSP.
 */
export async function open(who, { link = links[who], telegram = 'real', client = false, before = () => {}, wait = true, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'en-GB', timezoneId: ZONE, ...options });
  await serveTelegram(context, telegram);
  if (client) await context.addInitScript(playTelegram);
  const page = await context.newPage();
  const troubles = watch(page);
  await before(page, context);
  await page.goto(link, { waitUntil: 'commit' });
  if (wait) await loaded(page);
  /** @param {RegExp} [expected] console messages a test provokes */
  const close = async (expected = /^$/) => {
    await context.close();
    assert.deepEqual(troubles.filter((text) => !expected.test(text)), []);
  };
  return { page, context, close, card: (event) => page.locator(`.card[data-id="${event.id ?? event}"]`) };
}

/** The list is there. */
export const loaded = (page) => page.waitForSelector('#board:not([aria-busy])');

async function serveTelegram(context, how) {
  const answers = {
    real: (route) => route.fulfill({ contentType: 'text/javascript', body: TELEGRAM }),
    none: (route) => route.abort(),
    hangs: () => {},
  };
  const late = async (route) => {
    await how;
    await answers.real(route);
  };
  await context.route('https://telegram.org/**', answers[how] ?? late);
}

function watch(page) {
  const troubles = [];
  page.on('console', (message) => {
    const blocked = message.location().url.startsWith('https://telegram.org/');
    if (message.type() === 'error' && !blocked) troubles.push(message.text());
  });
  page.on('pageerror', (error) => troubles.push(String(error)));
  return troubles;
}

/** Runs in the page: a Telegram client that writes down what it is told. */
function playTelegram() {
  window.told = [];
  window.TelegramWebviewProxy = { postEvent: (type, data) => window.told.push({ type, data: JSON.parse(data || 'null') }) };
}

/** What the page told the Telegram client of `client: true`. */
export const told = (page, type) => page.evaluate((wanted) => window.told.filter((each) => each.type === wanted).map((each) => each.data), type);

/** The Telegram client tells the page something. */
export const telegramSays = (page, type, data = {}) => page.evaluate(([name, value]) => window.Telegram.WebView.receiveEvent(name, value), [type, data]);

// --- The wire -----------------------------------------------------------------------------------

/** Stands between page and server: `toPage` and `toServer` may change, hold or drop each frame (null drops). */
export const between = ({ toPage = (frame) => frame, toServer = (frame) => frame }) => (page) =>
  page.routeWebSocket(/\/wss\/$/, (route) => {
    const server = route.connectToServer();
    route.onMessage((text) => pass(text, toServer, (changed) => server.send(changed), route));
    server.onMessage((text) => pass(text, toPage, (changed) => route.send(changed), route));
  });

function pass(text, change, send, route) {
  const frame = change(JSON.parse(text), (other) => route.send(JSON.stringify(other)));
  if (frame) send(JSON.stringify(frame));
}

/** The page speaks with `answer(frame, send)` instead of a server; `welcome` and `events` come at login. */
export const pretend = ({ welcome = {}, events = [], selected = null, answer = () => {}, onSocket = () => {} }) => (page) =>
  page.routeWebSocket(/\/wss\/$/, (route) => {
    const send = (frame) => route.send(JSON.stringify(frame));
    onSocket(route, send);
    route.onMessage((text) => {
      const frame = JSON.parse(text);
      if (frame.type !== 'login') return answer(frame, send);
      send({ type: 'welcome', telegram_id: 5, name: 'Ada', is_admin: false, language: 'en', timezone: ZONE, link: null, ...welcome });
      for (const event of typeof events === 'function' ? events() : events) send(event);
      send({ type: 'events-loaded', selected });
    });
    send({ type: 'connect' });
  });

/** An `event` frame for `pretend`, `hours` from now. */
export function frame(id, { hours = 24, ...fields } = {}) {
  const starts = new Date(Date.now() + hours * 3_600_000);
  const duration = fields.duration ?? 1;
  return {
    type: 'event', id, title: `Event ${id}`, description: '', image: '', start: `${day(1)} 12:00`, duration, attending: false, attendees: 0,
    starts_at: starts.toISOString(), ends_at: new Date(starts.getTime() + duration * 3_600_000).toISOString(), timezone: ZONE, location: '',
    capacity: null, waiting: 0, state: 'none', cancelled: false, cancel_reason: '', version: 1, recurrence: null, until: null, cancelled_dates: [], ...fields,
  };
}

/** A link whose page reads `language` while the server gets the launch data that was signed. */
export function speaking(who, language) {
  const user = userOf(links[who]);
  if (language) user.language_code = language;
  else delete user.language_code;
  const data = new URLSearchParams(initData(links[who]));
  data.set('user', JSON.stringify(user));
  const url = new URL(links[who]);
  const hash = new URLSearchParams(url.hash.slice(1));
  hash.set('tgWebAppData', data.toString());
  url.hash = hash.toString().replaceAll('+', '%20');
  const before = between({ toServer: (message) => (message.type === 'login' ? { ...message, data: initData(links[who]) } : message) });
  return { link: url.href, before };
}

/** A picture of a size, as a file chooser gives it. `noise` makes it large. */
export async function picture(width, height, { type = 'image/png', noise = false, name = 'picture.png' } = {}) {
  const page = await browser.newPage();
  const base64 = await page.evaluate(([w, h, kind, noisy]) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h });
    const paper = canvas.getContext('2d');
    const pixels = paper.createImageData(w, h);
    for (let at = 0; at < pixels.data.length; at += 1) pixels.data[at] = at % 4 === 3 ? 255 : noisy ? Math.random() * 256 : (at / 4) % w % 256;
    paper.putImageData(pixels, 0, 0);
    return canvas.toDataURL(kind).split(',')[1];
  }, [width, height, type, noise]);
  await page.close();
  return { name, mimeType: type, buffer: Buffer.from(base64, 'base64') };
}

/** Holds when `check` does, within ten seconds. */
export async function eventually(check, message = `this never came true: ${check}`) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const error = await Promise.resolve().then(check).then((value) => (value === false ? new Error(message) : null), (thrown) => thrown);
    if (!error) return;
    if (Date.now() > deadline) throw error;
    await new Promise((resume) => setImmediate(resume));
  }
}
