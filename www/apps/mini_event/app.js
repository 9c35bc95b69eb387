/** Mini Events: the list of events, live, and everything one can do with it. */

import { fill, h, icon, keepFocus, place, say } from '../lib/html.js';
import { choose, localeOf, quoted, translator } from '../lib/i18n.js';
import { open } from '../lib/socket.js';
import { haptic, launch, openInTelegram, openOutside, ready, requestWriteAccess, shareMessage, sharesMessages } from '../lib/telegram.js';
import { prepareToasts, tell, warn } from '../lib/toast.js';
import { emptyBox, endedBox } from '../components/empty/empty.js';
import { eventCard } from '../components/event-card/event-card.js';
import { offlineBar } from '../components/offline-bar/offline-bar.js';
import { Events, placesLeft } from './events.js';
import { sentences } from './i18n.js';
import { arrange, clock, dateKey, dateName, dayName, isCancelled, isOver, isRunning, length, nextChange } from './when.js';

/** @typedef {import('./events.js').Event} Event */
/** @typedef {import('../lib/socket.js').Frame} Frame */

/** Fewer events than this are seen at a glance. */
const SEARCH_FROM = 8;

/** An attend or leave without an answer by then is taken back. */
const ANSWER_MS = 8000;

/** Without a prepared message by then, a link is shared. */
const SHARE_MS = 5000;

/** A repeating event whose date has passed gets its next one from the server within this time, else the page asks. */
const STALE_MS = 20_000;

const language = choose(sentences, [launch.user?.language_code, ...navigator.languages]) ?? 'en';
const locale = localeOf(language);
const t = translator(sentences, language);

const board = /** @type {HTMLElement} */ (document.getElementById('board'));
const screen = /** @type {HTMLElement} */ (document.getElementById('screen'));
const title = /** @type {HTMLElement} */ (document.getElementById('title'));
const tools = /** @type {HTMLElement} */ (document.getElementById('tools'));
const days = /** @type {HTMLElement} */ (document.getElementById('days'));
const status = /** @type {HTMLElement} */ (document.getElementById('status'));

const events = new Events();
/** @type {Map<number, {element: HTMLElement, update: Function}>} */
const cards = new Map();
/** @type {Map<string, {element: HTMLElement, name: HTMLElement, list: HTMLElement}>} */
const sections = new Map();
const past = pastSection();
const bar = offlineBar(t, () => socket.reconnect());

let me = { is_admin: false, timezone: '', link: /** @type {string | null} */ (null) };
let state = 'connecting';
let loaded = false;
let selected = /** @type {string | null} */ (null);
let words = /** @type {string[]} */ ([]);
/** @type {ReturnType<typeof import('../components/search/search.js').search> | null} */
let finder = null;
let finderWanted = false;
/** @typedef {Awaited<ReturnType<typeof import('./admin.js').admin>>} AdminPart */
let adminTools = /** @type {AdminPart | null} */ (null);
let adminLoading = /** @type {Promise<AdminPart | null> | null} */ (null);
let drawing = 0;
let clockTimer = 0;
let staleTimer = 0;

// --- The list -----------------------------------------------------------------------------------

/** Draws soon: a burst of frames is drawn once. */
function draw() {
  if (drawing === 0) drawing = setTimeout(drawNow);
}

function drawNow() {
  clearTimeout(drawing);
  drawing = 0;
  if (!loaded || state === 'ended') return;
  const now = new Date();
  const all = events.all();
  const found = all.filter(matches);
  const { days: coming, past: over } = arrange(found, now);
  forget(all);
  for (const event of found) cardOf(event).update(event, factsOf(event, now), me.is_admin);
  const children = coming.map((day) => sectionOf(day, now));
  if (coming.length === 0) children.push(emptyState(all, found));
  if (over.length > 0) children.push(pastOf(over));
  keepFocus(() => place(days, children));
  drawTools(all, found);
  planNext(all, now);
}

/** @param {Event} event */
function matches(event) {
  if (words.length === 0) return true;
  const text = finderFold(`${event.title} ${event.description} ${event.location ?? ''}`);
  return words.every((word) => text.includes(word));
}

/** Set when the search arrives; until then nothing is searched. @type {(text: string) => string} */
let finderFold = (text) => text;

/** @param {Event[]} all */
function forget(all) {
  const ids = new Set(all.map((event) => event.id));
  for (const id of cards.keys()) if (!ids.has(id)) cards.delete(id);
}

/** @param {Event} event */
function cardOf(event) {
  const card = cards.get(event.id) ?? eventCard(t, { attend, share, calendar, manage });
  cards.set(event.id, card);
  card.element.classList.toggle('is-selected', String(event.id) === selected);
  if (String(event.id) === selected) card.element.setAttribute('aria-current', 'true');
  else card.element.removeAttribute('aria-current');
  return card;
}

/** @param {Event} event @param {Date} now */
function factsOf(event, now) {
  const phase = isOver(event, now) ? 'over' : isRunning(event, now) ? 'running' : 'coming';
  const time = clock(event, locale, phase === 'over');
  const when = time.zone ? t('there_time', { time: time.there, place: time.zone }) : time.there;
  return {
    phase,
    cancelled: isCancelled(event),
    when: `${when} · ${length(event.duration, locale)}`,
    here: time.here && t('your_time', { time: time.here }),
    repeats: repeatsOf(event, now),
    people: peopleOf(event, phase),
  };
}

/** @param {Event} event @param {Date} now */
function repeatsOf(event, now) {
  if (!event.recurrence) return '';
  const missed = (event.cancelled_dates ?? []).filter((date) => date >= dateKey(now)).slice(0, 3);
  return [
    t(event.recurrence),
    event.until && t('until', { date: dateName(event.until, locale) }),
    missed.length > 0 && t('not_on', { dates: missed.map((date) => dateName(date, locale)).join(', ') }),
  ].filter(Boolean).join(' · ');
}

/** @param {Event} event @param {string} phase */
function peopleOf(event, phase) {
  const n = event.attendees;
  if (phase === 'over') return t('people_past', { n });
  const left = placesLeft(event);
  return [
    n === 0 ? t('nobody') : t('people', { n }),
    left !== null && (left === 0 ? t('full') : t('places', { n: left })),
    event.waiting > 0 && t('waiting', { n: event.waiting }),
  ].filter(Boolean).join(' · ');
}

/** @param {import('./when.js').Day} day @param {Date} now */
function sectionOf(day, now) {
  const section = sections.get(day.key) ?? daySection(day.key);
  const { near, date } = dayName(day.day, now, locale);
  if (section.name.textContent !== near + date) {
    fill(section.name, near && h('span', { class: 'day__near' }, near), h('span', { class: near ? 'day__date' : 'day__near' }, date));
  }
  place(section.list, day.events.map((event) => cardOf(event).element));
  return section.element;
}

/** @param {string} key */
function daySection(key) {
  const name = h('h2', { class: 'day__name', id: `day-${key}` });
  const list = h('div', { class: 'day__events' });
  const section = { name, list, element: h('section', { class: 'day', 'aria-labelledby': `day-${key}` }, name, list) };
  sections.set(key, section);
  return section;
}

function pastSection() {
  const count = h('span', { class: 'past__count' });
  const list = h('div', { class: 'day__events' });
  const element = /** @type {HTMLDetailsElement} */ (h('details', { class: 'past' }, h('summary', {}, h('h2', {}, t('past')), count), list));
  return { element, count, list };
}

/** @param {Event[]} over */
function pastOf(over) {
  say(past.count, over.length.toLocaleString(locale));
  place(past.list, over.map((event) => cardOf(event).element));
  if (words.length > 0) past.element.open = true;
  return past.element;
}

/** @param {Event[]} all @param {Event[]} found */
function emptyState(all, found) {
  if (words.length > 0 && found.length === 0) {
    return emptyBox('search', t('found_none', { text: quoted(finder?.text() ?? '') }), '', h('button', { class: 'button button--tint', type: 'button', onclick: () => finder?.clear() }, t('clear_search')));
  }
  if (words.length > 0) return h('div', { hidden: true });
  if (all.length > 0) return emptyBox('calendar', t('all_past'), me.is_admin ? '' : t('empty_hint'));
  return emptyBox('calendar', t('empty'), t(me.is_admin ? 'empty_admin' : 'empty_hint'));
}

/** @param {Event[]} all @param {Event[]} found */
function drawTools(all, found) {
  newButton.hidden = !me.is_admin;
  if (all.length >= SEARCH_FROM && !finder) openSearch();
  if (finder) {
    const unneeded = all.length < SEARCH_FROM && words.length === 0;
    finder.element.hidden = unneeded;
    finder.announce(words.length > 0 ? t('found', { n: found.length }) : '');
  }
  say(status, '');
}

async function openSearch() {
  if (finderWanted) return;
  finderWanted = true;
  const part = await import('../components/search/search.js').catch(() => null);
  finderWanted = part !== null;
  if (!part) return;
  const { fold, search } = part;
  finderFold = fold;
  finder = search(t, (next) => {
    words = next;
    drawNow();
  });
  board.insertBefore(finder.element, days);
  draw();
}

/** Draws again when something begins or ends, and gets new dates for what repeats. @param {Event[]} all @param {Date} now */
function planNext(all, now) {
  clearTimeout(clockTimer);
  clockTimer = setTimeout(draw, nextChange(all, now));
  const stale = all.some((event) => event.recurrence && isOver(event, now) && !event.cancelled && (!event.until || event.until >= dateKey(now)));
  if (!stale) {
    clearTimeout(staleTimer);
    staleTimer = 0;
  } else if (staleTimer === 0) {
    staleTimer = setTimeout(() => socket.reconnect(), STALE_MS * (1 + 2 * Math.random()));
  }
}

// --- What people do -----------------------------------------------------------------------------

/** @param {Event} event @param {boolean} going */
async function attend(event, going) {
  const sent = socket.send({ type: going ? 'attend' : 'leave', event: event.id });
  events.wish(event.id, going, sent);
  drawNow();
  if (sent) awaitAnswer(event.id);
  else tell(t('will_send'));
  if (going && (await requestWriteAccess()) === 'refused') tell(t('reminders_need'));
}

/** @param {number} id */
function awaitAnswer(id) {
  const wish = events.wished(id);
  setTimeout(() => {
    if (!wish || events.wished(id) !== wish || state !== 'online') return;
    events.refuse(id);
    warn(t('no_answer'));
    draw();
  }, ANSWER_MS);
}

/** The link of an event: into Telegram if the bot has one, else to this page. @param {Event} event */
function linkOf(event) {
  if (me.link) return `${me.link}?startapp=${event.id}`;
  return `${location.origin}${location.pathname}?tgWebAppStartParam=${event.id}`;
}

/** Shares still being prepared: each is told the id of its message, or null. @type {Map<number, (id: string | null) => void>} */
const shares = new Map();

/** @param {Event} event */
async function share(event) {
  if (shares.has(event.id)) return;
  const id = sharesMessages() ? await prepared(event.id) : null;
  if (id === null || !(await shareMessage(id))) await shareLink(event);
}

/** Has the server prepare a message; null when none comes in time. @param {number} event @returns {Promise<string | null>} */
async function prepared(event) {
  if (!socket.send({ type: 'share', event })) return null;
  const id = await new Promise((tell) => {
    shares.set(event, tell);
    setTimeout(() => tell(null), SHARE_MS);
  });
  shares.delete(event);
  return id;
}

/** @param {Event} event */
async function shareLink(event) {
  const link = linkOf(event);
  const post = `https://t.me/share/url?url=${encodeURIComponent(link)}&text=${encodeURIComponent(event.title)}`;
  if (openInTelegram(post)) return;
  try {
    if (navigator.share) await navigator.share({ title: event.title, url: link });
    else {
      await navigator.clipboard.writeText(link);
      tell(t('link_copied'));
    }
  } catch (error) {
    if (/** @type {Error} */ (error).name !== 'AbortError') tell(t('share_link', { link }));
  }
}

/** Telegram's own window cannot save files; the system's browser can. @param {Event} event @param {MouseEvent} click */
function calendar(event, click) {
  if (openOutside(new URL(`../event/${event.id}.ics`, location.href).href)) click.preventDefault();
}

/** @param {'edit' | 'attendees' | 'cancel' | 'delete'} what @param {Event} event */
async function manage(what, event) {
  const admin = await adminPart();
  if (!admin) return;
  const known = events.get(event.id) ?? event;
  const actions = { edit: admin.openForm, attendees: admin.openAttendees, cancel: admin.cancel, delete: admin.remove };
  actions[what](known);
}

/** The part for admins, fetched when first used; null when it cannot be had. */
function adminPart() {
  adminLoading ??= loadAdminPart();
  return adminLoading;
}

async function loadAdminPart() {
  try {
    const { admin } = await import('./admin.js');
    adminTools = await admin({ t, locale, send: socket.send, events, me: () => me, board, screen });
  } catch {
    adminLoading = null;
    warn(t('not_sent'));
  }
  return adminTools;
}

// --- What the server says -----------------------------------------------------------------------

/** @param {Frame} frame */
function receive(frame) {
  const handled = adminTools?.receive(frame) ?? false;
  if (frame.type === 'connect') events.begin();
  else if (frame.type === 'welcome') welcome(frame);
  else if (frame.type === 'event') put(/** @type {any} */ (frame));
  else if (frame.type === 'delete-event') events.remove(frame.id);
  else if (frame.type === 'events-loaded') snapshot(frame.selected ?? null);
  else if (frame.type === 'prepared') shares.get(frame.event)?.(frame.id ?? null);
  else if (frame.type === 'error') fail(frame, handled);
  else if (frame.type === 'disconnect') end(frame.msg);
  draw();
}

/** @param {Frame} frame */
function welcome(frame) {
  me = { is_admin: frame.is_admin === true, timezone: frame.timezone ?? '', link: frame.link ?? null };
  if (!me.is_admin) adminTools?.leave();
}

/** @param {Event} event */
function put(event) {
  const wished = events.wished(event.id);
  events.put(event);
  if (wished && !events.wished(event.id)) haptic('success');
}

/** @param {string | null} wanted the event the person came for */
function snapshot(wanted) {
  for (const [id, wish] of events.loaded()) {
    if (socket.send({ type: wish.going ? 'attend' : 'leave', event: id })) awaitAnswer(id);
  }
  const first = !loaded;
  loaded = true;
  board.removeAttribute('aria-busy');
  drawNow();
  if (first) reveal(wanted ?? launch.startParam);
}

/** Marks the event somebody came for, and goes there. @param {string | null} id */
function reveal(id) {
  if (!id || !/^\d+$/.test(id)) return;
  const card = cards.get(Number(id));
  if (!card) return warn(t('gone'));
  selected = String(Number(id));
  if (past.element.contains(card.element)) past.element.open = true;
  drawNow();
  card.element.focus({ preventScroll: true });
  card.element.scrollIntoView({ block: 'start' });
}

/** @param {Frame} frame @param {boolean} handled whether the person has been told */
function fail(frame, handled) {
  const taken = frame.event == null ? !handled && events.refuseAll() : events.refuse(frame.event);
  if (handled) return;
  if (taken) haptic('error');
  warn(frame.msg ?? t('no_answer'));
}

/** The server will not have us: says why, and stays. @param {string} [reason] */
function end(reason) {
  state = 'ended';
  adminTools?.leave();
  if (finder) finder.element.hidden = true;
  newButton.hidden = true;
  board.removeAttribute('aria-busy');
  say(status, '');
  days.replaceChildren(endedBox(t, reason));
}

/** @param {import('../lib/socket.js').State} next */
function connection(next) {
  const wasOff = state === 'offline';
  if (next !== 'connecting' || !wasOff) state = next;
  if (next === 'offline') bar.show();
  if (next === 'online' || next === 'ended') bar.hide();
}

// --- Beginning ----------------------------------------------------------------------------------

document.documentElement.lang = language;
document.title = t('title');
say(title, t('title'));
say(status, t('loading'));
prepareToasts(t('close'));
document.body.prepend(bar.element);
const newButton = h('button', { class: 'button button--small', type: 'button', hidden: true, onclick: async () => (await adminPart())?.openForm(null) }, icon('plus'), t('new_event'));
tools.append(newButton);

const socket = open({ app: 'mini_event', onFrame: receive, onState: connection });
ready();
