/** Conferences: the TrueConf servers somebody looks after, live, and what runs on them. */

import { fill, keepFocus, place, say } from '../lib/html.js';
import { choose, localeOf, quoted, translator } from '../lib/i18n.js';
import { open } from '../lib/socket.js';
import { haptic, launch, ready } from '../lib/telegram.js';
import { prepareToasts, tell, warn } from '../lib/toast.js';
import { ask } from '../components/ask/ask.js';
import { emptyBox, endedBox } from '../components/empty/empty.js';
import { offlineBar } from '../components/offline-bar/offline-bar.js';
import { serverTile } from '../components/server-tile/server-tile.js';
import { sentences } from './i18n.js';
import { Servers } from './servers.js';
import { percent, span } from './span.js';

/** @typedef {import('./servers.js').Server} Server */
/** @typedef {import('./servers.js').Conference} Conference */
/** @typedef {import('../lib/socket.js').Frame} Frame */

/** How often a page that is looked at says so: the server then asks its servers anew. */
const LOOK_MS = 15_000;

/** Lengths of time are counted on by the minute. */
const TICK_MS = 20_000;

/** A question without an answer by then is taken back. */
const ANSWER_MS = 12_000;

/** The rights an application can lack, by the word of the fault, as the control panel calls them. */
const SCOPES = {
  calls: 'logs.calls:read', conferences: 'conferences', participants: 'conferences.participants:read',
  'session-participants': 'conferences.sessions.participants:read', users: 'users:read',
};

const language = choose(sentences, [launch.user?.language_code, ...navigator.languages]) ?? 'en';
const locale = localeOf(language);
const t = translator(sentences, language);

const board = /** @type {HTMLElement} */ (document.getElementById('board'));
const title = /** @type {HTMLElement} */ (document.getElementById('title'));
const summary = /** @type {HTMLElement} */ (document.getElementById('summary'));
const tiles = /** @type {HTMLElement} */ (document.getElementById('servers'));
const status = /** @type {HTMLElement} */ (document.getElementById('status'));

const servers = new Servers();
/** @type {Map<number, ReturnType<typeof serverTile>>} */
const drawn = new Map();
/** Stops this page asked for, until their outcome is told: the number of the question, or none yet. @type {Map<string, {ask: number | null, timer: number}>} */
const stopping = new Map();
/** Outcomes that were told or were there before this page was. @type {Set<number>} */
const told = new Set();
const bar = offlineBar(t, () => socket.reconnect());

let state = 'connecting';
let loaded = false;
let me = 0;
let drawing = 0;
let looking = 0;

// --- The tiles ----------------------------------------------------------------------------------

/** Draws soon: a burst of frames is drawn once. */
function draw() {
  if (drawing === 0) drawing = setTimeout(drawNow);
}

function drawNow() {
  clearTimeout(drawing);
  drawing = 0;
  if (!loaded || state === 'ended') return;
  const now = new Date();
  const all = servers.all();
  const ids = new Set(all.map((server) => server.id));
  for (const id of drawn.keys()) if (!ids.has(id)) drawn.delete(id);
  for (const server of all) tileOf(server).update(server, factsOf(server, now));
  keepFocus(() => place(tiles, all.length > 0 ? all.map((server) => tileOf(server).element) : [nothing()]));
  const down = all.filter((server) => server.state === 'down').length;
  const watched = all.filter((server) => server.state !== 'off').length;
  const allUp = watched > 0 && all.every((server) => server.state === 'up' || server.state === 'off');
  say(summary, down > 0 ? t('some_down', { n: down }) : allUp ? t('all_up') : '');
  say(status, '');
}

/** @param {Server} server */
function tileOf(server) {
  const tile = drawn.get(server.id) ?? serverTile(t, { stop, watch, more, askNow });
  drawn.set(server.id, tile);
  return tile;
}

/** @param {Server} server @param {Date} now @returns {import('../components/server-tile/server-tile.js').Facts} */
function factsOf(server, now) {
  const { uptime, response } = server;
  const known = response.filter((value) => value != null && value >= 0).map(Number);
  const failed = response.filter((value) => value != null && value < 0).length;
  const lasting = span(server.since, now, locale);
  const conferences = servers.conferences(server);
  return {
    state: t(server.state),
    lasting: lasting && t('for_time', { time: lasting }),
    reason: server.state === 'down' && server.reason ? reasonOf(server.reason) : '',
    uptime: [[t('uptime_day'), percent(uptime.day, locale)], [t('uptime_week'), percent(uptime.week, locale)], [t('uptime_month'), percent(uptime.month, locale)]],
    response: known.length > 0 ? t('response_now', { ms: known[known.length - 1] }) : t('response_none'),
    responseLabel: known.length > 0 ? t('response_label', { last: known[known.length - 1], most: Math.max(...known) }) + (failed > 0 ? t('response_failed', { n: failed }) : '') : t('response_none'),
    online: onlineOf(server),
    onlineParts: server.online && server.online.total > 0 ? t('online_parts', server.online) : '',
    running: runningOf(server),
    rows: server.running_fault ? [] : conferences.map((conference) => rowOf(conference, now)),
    hasMore: !server.running_fault && (server.running ?? 0) > conferences.length,
  };
}

/** @param {Server} server */
function onlineOf(server) {
  if (server.online_fault) return t('online_failed', { reason: reasonOf(server.online_fault) });
  if (!server.online && !server.monitored) return '';
  return server.online ? t('online', { n: server.online.total }) : t('online_asking');
}

/** @param {Server} server */
function runningOf(server) {
  if (server.running_fault) return t('running_failed', { reason: reasonOf(server.running_fault) });
  if (server.running == null) return server.monitored ? t('running_asking') : '';
  return server.running === 0 ? t('none_running') : t('running', { n: server.running });
}

/** @param {Conference} conference @param {Date} now */
function rowOf(conference, now) {
  const facts = [
    conference.owner,
    conference.people != null && t('people', { n: conference.people }).replaceAll(' ', '\u00a0'),
    span(conference.since, now, locale),
  ].filter(Boolean).join(' · ');
  return { conference, topic: conference.topic || t('untitled'), facts, stopping: stopping.has(conference.key) };
}

/** A fault in words. @param {string} word */
function reasonOf(word) {
  const [, server] = /^server-error-(\d+)$/.exec(word) ?? [];
  if (server) return t('server-error', { status: server });
  const [, scope] = /^permission-(.+)$/.exec(word) ?? [];
  if (scope) return t('permission', { scope: SCOPES[/** @type {keyof typeof SCOPES} */ (scope)] ?? scope });
  return t(word);
}

const nothing = () => emptyBox('people', t('none'), t('none_hint'));

// --- What people do -----------------------------------------------------------------------------

/** Asks the server for the question first: it binds person and run, and knows the newest numbers. @param {Server} server @param {Conference} conference */
function stop(server, conference) {
  if (stopping.has(conference.key)) return;
  if (!socket.send({ type: 'ask-stop', id: server.id, conference: conference.key })) return warn(t('not_sent'));
  stopping.set(conference.key, { ask: null, timer: setTimeout(() => unanswered(conference.key), ANSWER_MS) });
  drawNow();
}

/** @param {string} key */
function unanswered(key) {
  if (stopping.get(key)?.ask !== null || state !== 'online') return;
  release(key);
  warn(t('no_answer'));
}

/** @param {string} key */
function release(key) {
  clearTimeout(stopping.get(key)?.timer);
  stopping.delete(key);
  draw();
}

/** The server gave the question: puts it to the person. @param {Frame} frame */
async function confirm({ ask: number, id, conference: key, topic, people }) {
  const asked = stopping.get(key);
  const server = servers.get(id);
  if (asked?.ask !== null || !server) return;
  clearTimeout(asked.timer);
  stopping.set(key, { ask: number, timer: 0 });
  const name = quoted(topic || t('untitled'));
  const agreed = await ask({
    title: t('stop_title', { topic: name }),
    text: `${people == null ? t('stop_text_unknown') : t('stop_text', { n: people })} ${t('stop_where', { server: quoted(server.name) })}`,
    yes: t('stop_yes'), no: t('stop_no'),
  });
  if (!agreed) return release(key);
  if (!socket.send({ type: 'stop', id, ask: number })) {
    release(key);
    return warn(t('not_sent'));
  }
  tell(t('stopping', { topic: name }));
}

/** @param {Server} server @param {boolean} on */
async function watch(server, on) {
  const sure = on || (await ask({ title: t('unwatch_title', { server: quoted(server.name) }), text: t('unwatch_text'), yes: t('unwatch'), no: t('unwatch_no') }));
  if (sure && !socket.send({ type: 'watch', id: server.id, on })) warn(t('not_sent'));
}

/** @param {Server} server @param {number} from */
function more(server, from) {
  if (!socket.send({ type: 'conferences', id: server.id, from })) warn(t('not_sent'));
}

/** A server that is not watched is asked only when somebody wants it. @param {Server} server */
function askNow(server) {
  if (!socket.send({ type: 'look', id: server.id })) warn(t('not_sent'));
}

/** Says that somebody looks, for as long as that is so. */
function look() {
  clearTimeout(looking);
  if (document.hidden || state !== 'online' || servers.all().length === 0) return;
  socket.send({ type: 'look' });
  looking = setTimeout(look, LOOK_MS);
}

// --- What the server says -----------------------------------------------------------------------

/** @param {Frame} frame */
function receive(frame) {
  if (frame.type === 'connect') servers.begin();
  else if (frame.type === 'welcome') me = frame.telegram_id;
  else if (frame.type === 'server') put(/** @type {any} */ (frame));
  else if (frame.type === 'gone') servers.remove(frame.id);
  else if (frame.type === 'servers-loaded') snapshot();
  else if (frame.type === 'conferences') servers.extend(frame.id, frame.from, frame.list);
  else if (frame.type === 'confirm') confirm(frame);
  else if (frame.type === 'error') fail(frame);
  else if (frame.type === 'disconnect') end(frame.msg);
  draw();
}

/** @param {Server} server */
function put(server) {
  servers.put(server);
  for (const outcome of server.stops) hear(outcome);
  for (const question of server.questions) if (question.to === me) confirm({ ...question, type: 'confirm', id: server.id, conference: question.key });
}

/** Tells what came of a stop, once: to who asked as an answer, to others as news. @param {import('./servers.js').Stop} outcome */
function hear(outcome) {
  if (outcome.outcome === 'under-way' || told.has(outcome.ask)) return;
  told.add(outcome.ask);
  const mine = stopping.get(outcome.key)?.ask === outcome.ask;
  const topic = quoted(outcome.topic || t('untitled'));
  const reason = outcome.reason ? reasonOf(outcome.reason) : '';
  if (mine) {
    haptic(outcome.outcome === 'stopped' ? 'success' : 'error');
    (outcome.outcome === 'stopped' ? tell : warn)(t(outcome.outcome, { topic, reason }));
  } else if (loaded && outcome.outcome === 'stopped') {
    tell(t('stopped_by', { who: quoted(outcome.by), topic }));
  }
  if (mine || stopping.get(outcome.key)?.ask == null) release(outcome.key);
}

function snapshot() {
  servers.loaded();
  loaded = true;
  board.removeAttribute('aria-busy');
  const runs = new Set(servers.all().flatMap((server) => servers.conferences(server).map((conference) => conference.key)));
  for (const key of stopping.keys()) if (!runs.has(key)) release(key);
  drawNow();
  look();
}

/** @param {Frame} frame */
function fail(frame) {
  const asked = [...stopping].find(([key, { ask: number }]) => key === frame.conference || (number !== null && number === frame.ask));
  if (asked) release(asked[0]);
  haptic('error');
  warn(frame.msg ?? t('no_answer'));
}

/** The server will not have us: says why, and stays. @param {string} [reason] */
function end(reason) {
  state = 'ended';
  board.removeAttribute('aria-busy');
  say(status, '');
  say(summary, '');
  fill(tiles, endedBox(t, reason));
}

/** @param {import('../lib/socket.js').State} next */
function connection(next) {
  const wasOff = state === 'offline';
  if (next !== 'connecting' || !wasOff) state = next;
  if (next === 'offline') {
    bar.show();
    for (const [key, asked] of stopping) if (asked.ask === null) release(key);
  }
  if (next === 'online' || next === 'ended') bar.hide();
  if (next === 'online' && loaded) look();
}

// --- Beginning ----------------------------------------------------------------------------------

document.documentElement.lang = language;
document.title = t('title');
say(title, t('title'));
say(status, t('loading'));
prepareToasts(t('close'));
document.body.prepend(bar.element);
document.addEventListener('visibilitychange', look);
setInterval(draw, TICK_MS);

const socket = open({ app: 'conferences', onFrame: receive, onState: connection });
ready();
