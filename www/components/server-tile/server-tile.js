/** One TrueConf server as a tile: how it is, how it was, who is on it and what runs. */

import { fill, h, icon, say } from '../../lib/html.js';
import { sparkline } from '../sparkline/sparkline.js';

/** @typedef {import('../../apps/conferences/servers.js').Server} Server */
/** @typedef {import('../../apps/conferences/servers.js').Conference} Conference */
/** @typedef {import('../../lib/i18n.js').Translate} Translate */
/**
 * @typedef {object} Facts the sentences of a tile, ready to be shown
 * @property {string} state
 * @property {string} lasting
 * @property {string} reason
 * @property {[string, string][]} uptime names and shares
 * @property {string} response
 * @property {string} responseLabel
 * @property {string} online
 * @property {string} onlineParts
 * @property {string} running
 * @property {Row[]} rows the conferences
 * @property {boolean} hasMore whether there are conferences behind `rows`
 */
/** @typedef {{conference: Conference, topic: string, facts: string, stopping: boolean}} Row */
/**
 * @typedef {object} Actions
 * @property {(server: Server, conference: Conference) => void} stop
 * @property {(server: Server, on: boolean) => void} watch
 * @property {(server: Server) => void} askNow asks what runs and who is online
 * @property {(server: Server, count: number) => void} more fetches conferences from number `count` on
 */

/** So many conferences are shown at first, and so many more each time. */
const FIRST = 5;
const STEP = 50;

/** What the state looks like. */
const BADGES = { up: 'badge--good', down: 'badge--danger', unknown: '', off: '' };

/** @param {Translate} t @param {Actions} actions */
export function serverTile(t, actions) {
  /** @type {Server} */
  let server;
  /** @type {Facts} */
  let facts;
  let drawn = '';
  let lineDrawn = '';
  let shown = FIRST;
  const id = `server-${crypto.getRandomValues(new Uint32Array(1))[0]}`;

  const name = h('h2', { class: 'tile__name', id, dir: 'auto' });
  const badge = h('span', { class: 'badge' });
  const lasting = h('span', { class: 'tile__lasting' });
  const reason = h('p', { class: 'tile__reason' });
  const uptime = h('dl', { class: 'tile__uptime', 'aria-label': t('uptime') });
  const response = h('div', { class: 'tile__response' });
  const online = h('p', { class: 'tile__fact' }, icon('people'));
  const onlineText = h('span', {});
  const onlineParts = h('span', { class: 'tile__parts' });
  online.append(h('span', {}, onlineText, onlineParts));
  const running = h('h3', { class: 'tile__running', id: `${id}-running` });
  const list = h('ul', { class: 'tile__list', 'aria-labelledby': `${id}-running` });
  const more = h('button', { class: 'link-button', type: 'button', 'aria-describedby': id, onclick: showMore }, t('more'));
  const less = h('button', { class: 'link-button', type: 'button', 'aria-describedby': id, onclick: showLess }, t('less'));
  const watch = h('button', { class: 'button button--tint button--small', type: 'button', 'aria-describedby': id, onclick: () => actions.watch(server, !server.monitored) });
  const askNow = h('button', { class: 'button button--tint button--small', type: 'button', 'aria-describedby': id, onclick: () => actions.askNow(server) }, t('ask_now'));
  /** @type {Map<string, ReturnType<typeof conferenceRow>>} */
  const rows = new Map();
  const element = h('article', { class: 'tile', 'aria-labelledby': id },
    h('header', { class: 'tile__head' }, name, h('p', { class: 'tile__state' }, badge, lasting)),
    reason, uptime, response, online, running, list,
    h('div', { class: 'tile__foot' }, more, less), h('div', { class: 'tile__tools' }, askNow, watch));

  /** @param {Server} next @param {Facts} now */
  function update(next, now) {
    server = next;
    facts = now;
    const key = JSON.stringify([now, next.state, next.may_stop, next.monitored, shown]);
    drawResponse();
    if (drawn === key) return;
    drawn = key;
    element.dataset.id = String(next.id);
    element.classList.toggle('tile--down', next.state === 'down');
    say(name, next.name);
    badge.className = `badge ${BADGES[next.state] ?? ''}`;
    say(badge, now.state);
    say(lasting, now.lasting);
    say(reason, now.reason);
    reason.hidden = !now.reason;
    fill(uptime, now.uptime.map(([of, share]) => h('div', {}, h('dt', {}, of), h('dd', {}, share))));
    say(onlineText, now.online);
    say(onlineParts, now.onlineParts);
    online.hidden = !now.online;
    say(running, now.running);
    running.hidden = !now.running;
    drawRows();
    say(watch, t(next.monitored ? 'unwatch' : 'watch'));
    watch.hidden = !next.may_stop;
    askNow.hidden = next.monitored;
  }

  function drawResponse() {
    const key = JSON.stringify([server.response, facts.response]);
    if (lineDrawn === key) return;
    lineDrawn = key;
    const known = server.response.some((value) => value != null);
    fill(response, h('p', { class: 'tile__caption' }, h('span', {}, t('response')), h('span', {}, facts.response)), known && sparkline(server.response, facts.responseLabel));
  }

  function drawRows() {
    const wanted = facts.rows.slice(0, shown);
    const keys = new Set(wanted.map((row) => row.conference.key));
    for (const [key, row] of rows) if (!keys.has(key)) leave(key, row.element);
    wanted.forEach((row, at) => {
      const part = rows.get(row.conference.key) ?? conferenceRow(t, id, (conference) => actions.stop(server, conference));
      rows.set(row.conference.key, part);
      part.update(row, server.may_stop);
      if (list.children[at] !== part.element) list.insertBefore(part.element, list.children[at] ?? null);
    });
    list.hidden = wanted.length === 0;
    more.hidden = facts.rows.length <= shown && !facts.hasMore;
    less.hidden = shown <= FIRST || facts.rows.length <= FIRST;
  }

  /** A row that goes must not take the keyboard with it. @param {string} key @param {HTMLElement} row */
  function leave(key, row) {
    const held = row.contains(document.activeElement);
    rows.delete(key);
    row.remove();
    if (held) focusBoard();
  }

  function focusBoard() {
    name.tabIndex = -1;
    name.focus({ preventScroll: true });
  }

  function showMore() {
    shown += STEP;
    if (facts.rows.length < shown && facts.hasMore) actions.more(server, facts.rows.length);
    update(server, facts);
    if (more.hidden) less.focus({ preventScroll: true });
  }

  function showLess() {
    shown = FIRST;
    update(server, facts);
    more.focus({ preventScroll: true });
    element.scrollIntoView({ block: 'nearest' });
  }

  return { element, update };
}

/** @param {Translate} t @param {string} tileId @param {(conference: Conference) => void} onStop */
function conferenceRow(t, tileId, onStop) {
  /** @type {Conference} */
  let conference;
  let drawn = '';
  const topic = h('p', { class: 'conference__topic', dir: 'auto' });
  const facts = h('p', { class: 'conference__facts', dir: 'auto' });
  const stop = h('button', { class: 'button button--danger button--small', type: 'button', 'aria-describedby': tileId, onclick: () => stop.getAttribute('aria-disabled') !== 'true' && onStop(conference) }, t('stop'));
  const element = h('li', { class: 'conference' }, h('div', { class: 'conference__what' }, topic, facts), stop);

  /** @param {Row} row @param {boolean} mayStop */
  function update(row, mayStop) {
    const key = JSON.stringify([row, mayStop]);
    if (drawn === key) return;
    drawn = key;
    conference = row.conference;
    element.dataset.key = conference.key;
    if (topic.textContent !== row.topic || topic.firstElementChild?.getAttribute('href') !== conference.join) {
      fill(topic, conference.join ? link(conference.join, row.topic) : row.topic);
    }
    const manage = mayStop && conference.control ? [' ·\u00a0', link(conference.control, t('manage'))] : [];
    fill(facts, row.facts, manage);
    stop.hidden = !mayStop || !conference.stoppable;
    stop.setAttribute('aria-label', t('stop_this', { topic: row.topic }));
    stop.setAttribute('aria-disabled', String(row.stopping));
    stop.classList.toggle('is-busy', row.stopping);
  }

  return { element, update };
}

/** A link to another host; only ever `https`. @param {string} address @param {string} text */
const link = (address, text) =>
  /^https:\/\//.test(address) ? h('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, text) : text;
