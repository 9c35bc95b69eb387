/**
 * The websocket of a mini app: connects to the page's own host, logs in, and comes back by itself.
 *
 *     import { open } from '/lib/socket.js';
 *     const socket = open({ app: 'clicker', onFrame: (frame) => console.log(frame.type) });
 *     socket.send({ type: 'click' });
 */

import { launch } from './telegram.js';

/** First pause before a new attempt; it doubles with every failure. */
const FIRST_PAUSE_MS = 1000;

/** Longest pause: a server that comes back is found within half a minute. */
const LONGEST_PAUSE_MS = 30_000;

/** A login that takes longer goes to a peer that is not there. */
const LOGIN_MS = 15_000;

/** After this long out of sight a phone may have cut the connection without telling. */
const ASLEEP_MS = 60_000;

/** @typedef {{type: string, [field: string]: any}} Frame one JSON object of the server or the page */
/** @typedef {'connecting' | 'online' | 'offline' | 'ended'} State */
/**
 * @typedef {object} Socket
 * @property {(message: Frame) => boolean} send adds `app` and sends; false, and nothing sent, while not logged in
 * @property {() => void} reconnect drops the connection and makes a new one now, which brings everything anew
 * @property {() => void} close for good
 */

/**
 * @param {object} options
 * @param {string} options.app the name the server knows this mini app by
 * @param {(frame: Frame) => void} options.onFrame every frame, `connect` and `welcome` included
 * @param {(state: State) => void} [options.onState] `ended` is final: the server said `disconnect`
 * @param {string} [options.data] the launch data to log in with
 * @returns {Socket}
 */
export function open({ app, onFrame, onState = () => {}, data = launch.initData }) {
  /** @type {WebSocket | null} */
  let socket = null;
  let loggedIn = false;
  let ended = false;
  let failures = 0;
  let pause = 0;
  let hiddenSince = 0;

  function connect() {
    clearTimeout(pause);
    if (ended) return;
    drop();
    onState('connecting');
    const mine = new WebSocket(address());
    const deadline = setTimeout(() => loggedIn || lost(mine), LOGIN_MS);
    socket = mine;
    mine.onmessage = ({ data: text }) => socket === mine && receive(text);
    mine.onclose = () => {
      clearTimeout(deadline);
      lost(mine);
    };
  }

  /** Lets go of the connection at once: a closing handshake with a dead peer would take long. */
  function drop() {
    const old = socket;
    socket = null;
    loggedIn = false;
    old?.close();
  }

  /** @param {WebSocket | null} which an older connection no longer matters */
  function lost(which) {
    if (socket !== which || ended) return;
    drop();
    clearTimeout(pause);
    pause = setTimeout(connect, pauseAfter(failures));
    failures += 1;
    onState('offline');
  }

  /** @param {string} text */
  function receive(text) {
    const frame = parse(text);
    if (!frame) return;
    if (frame.type === 'connect') put({ type: 'login', data });
    if (frame.type === 'disconnect') ended = true;
    if (frame.type === 'welcome') {
      failures = 0;
      loggedIn = true;
    }
    onFrame(frame);
    if (frame.type === 'welcome') onState('online');
    if (frame.type === 'disconnect') onState('ended');
  }

  /** @param {Frame} message */
  const put = (message) => socket?.send(JSON.stringify({ ...message, app }));

  function send(message) {
    if (!loggedIn || socket?.readyState !== WebSocket.OPEN) return false;
    put(message);
    return true;
  }

  function seen() {
    if (document.hidden) {
      hiddenSince = Date.now();
    } else if (!loggedIn || (hiddenSince && Date.now() - hiddenSince > ASLEEP_MS)) {
      connect();
    }
  }

  window.addEventListener('online', connect);
  window.addEventListener('offline', () => lost(socket));
  window.addEventListener('pageshow', (event) => event.persisted && connect());
  document.addEventListener('visibilitychange', seen);
  connect();

  function close() {
    ended = true;
    drop();
    clearTimeout(pause);
  }

  return { send, reconnect: connect, close };
}

/** The socket beside this mini app, on the same host and by the same kind of transport. */
function address() {
  const url = new URL('../wss/', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.search = '';
  url.hash = '';
  return url.href;
}

/** Between half and the whole of a doubling pause, so that pages do not come back all at once. @param {number} failures */
function pauseAfter(failures) {
  const whole = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
  return whole * (0.5 + Math.random() / 2);
}

/** @param {string} text @returns {Frame | null} */
function parse(text) {
  try {
    const frame = JSON.parse(text);
    return frame && typeof frame.type === 'string' ? frame : null;
  } catch {
    return null;
  }
}
