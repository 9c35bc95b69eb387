/**
 * The page's side of Telegram. It works at once from the launch parameters in the address, and uses
 * `window.Telegram.WebApp` from the moment that script has arrived, if it ever does: until then, and
 * in a plain browser, the main button and the back button are drawn here.
 *
 *     import { launch, ready, setMainButton } from '/lib/telegram.js';
 *     ready();
 *     setMainButton({ text: `Hello ${launch.user?.first_name}`, onClick: () => … });
 */

import { h, fill, icon, say } from './html.js';
import { wear } from './theme.js';

/** Where Telegram's own script keeps the launch parameters over a reload. */
const STORED = '__telegram__initParams';

/** Longest text of Telegram's main button. */
const BUTTON_TEXT = 64;

/** @typedef {{id: number, first_name: string, last_name?: string, language_code?: string, allows_write_to_pm?: boolean}} User */
/** @typedef {{text: string, onClick: () => void, busy?: boolean}} MainButton */

/** What the page was opened with. */
export const launch = read();

/** @returns {{initData: string, user: User | null, startParam: string | null, version: string, platform: string, theme: Record<string, string> | null}} */
function read() {
  const fromHash = parameters(location.hash.replace(/^#/, '').replace(/^[^=]*\?/, ''));
  const params = { ...stored(), ...parameters(location.search.slice(1)), ...fromHash };
  if (Object.keys(fromHash).length) store({ ...stored(), ...fromHash });
  const initData = params.tgWebAppData ?? '';
  const signed = new URLSearchParams(initData);
  return {
    initData,
    user: json(signed.get('user')),
    startParam: signed.get('start_param') ?? params.tgWebAppStartParam ?? null,
    version: params.tgWebAppVersion ?? '6.0',
    platform: params.tgWebAppPlatform ?? 'unknown',
    theme: json(params.tgWebAppThemeParams),
  };
}

/** `tgWebApp…` parameters of a query, decoded as Telegram's script does. @param {string} query @returns {Record<string, string>} */
function parameters(query) {
  const pairs = [...new URLSearchParams(query)];
  return Object.fromEntries(pairs.filter(([name]) => name.startsWith('tgWebApp')));
}

function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(STORED) ?? '{}') ?? {};
  } catch {
    return {};
  }
}

/** @param {Record<string, string>} params */
function store(params) {
  try {
    sessionStorage.setItem(STORED, JSON.stringify(params));
  } catch {
    // A browser that keeps nothing only loses the parameters on reload.
  }
}

/** @param {string | null | undefined} text */
function json(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/** Telegram's object, once its script is there. */
const webApp = () => window.Telegram?.WebApp ?? null;

/** Whether Telegram itself shows this page: only then are there native buttons and popups. */
function hosted() {
  if (window.TelegramWebviewProxy) return true;
  if (window.external && 'notify' in window.external) return true;
  return framedByAnother();
}

/** A frame of our own address is not Telegram. */
function framedByAnother() {
  if (window.parent === window) return false;
  try {
    return window.parent.location.origin !== location.origin;
  } catch {
    return true;
  }
}

/** Telegram's object if it is there, drives a real client, and that client is new enough. @param {string} version */
function native(version) {
  const app = webApp();
  return app && hosted() && app.isVersionAtLeast(version) ? app : null;
}

// --- Life of the page ---------------------------------------------------------------------------

/** Tells Telegram that the essentials are drawn, so that its placeholder goes; safe to repeat. */
export function ready() {
  const app = webApp();
  if (app) {
    app.ready();
    app.expand();
  } else if (window.TelegramWebviewProxy) {
    window.TelegramWebviewProxy.postEvent('web_app_ready', '""');
    window.TelegramWebviewProxy.postEvent('web_app_expand', '""');
  }
}

/** Whether there is a Telegram client that can close this page. */
export const closable = () => native('6.0') !== null;

/** Closes the mini app. */
export const close = () => native('6.0')?.close();

/** Asks before the page is closed, until `releaseClosing`. */
export function guardClosing() {
  native('6.2')?.enableClosingConfirmation();
  window.addEventListener('beforeunload', hold);
}

export function releaseClosing() {
  native('6.2')?.disableClosingConfirmation();
  window.removeEventListener('beforeunload', hold);
}

/** @param {Event} event */
const hold = (event) => event.preventDefault();

/** @param {'success' | 'warning' | 'error'} outcome */
export const haptic = (outcome) => native('6.1')?.HapticFeedback.notificationOccurred(outcome);

// --- Links and rights ---------------------------------------------------------------------------

/** Opens a `https://t.me/…` address inside Telegram. @param {string} address @returns {boolean} false when there is no Telegram around */
export function openInTelegram(address) {
  const app = native('6.1');
  if (app) app.openTelegramLink(address);
  return app !== null;
}

/** Opens an address in the system's browser. @param {string} address @returns {boolean} false when there is no Telegram around */
export function openOutside(address) {
  const app = native('6.1');
  if (app) app.openLink(address);
  return app !== null;
}

/** Whether Telegram can share a message that the bot prepared. */
export const sharesMessages = () => typeof native('8.0')?.shareMessage === 'function';

/**
 * Lets the person choose a chat for a prepared message.
 * @param {string} id @returns {Promise<boolean>} false when Telegram could not; a person who changed their mind counts as served
 */
export function shareMessage(id) {
  return new Promise((answer) => {
    const failed = (/** @type {{error: string}} */ { error }) => done(error === 'USER_DECLINED');
    const app = native('8.0');
    const done = (/** @type {boolean} */ served) => {
      app?.offEvent('shareMessageFailed', failed);
      answer(served);
    };
    try {
      app.onEvent('shareMessageFailed', failed);
      app.shareMessage(id, (/** @type {boolean} */ sent) => sent && done(true));
    } catch {
      done(false);
    }
  });
}

let writeAccess = launch.user?.allows_write_to_pm ? 'allowed' : 'unknown';

/**
 * Asks for the right to write to the person, at most once per page.
 * @returns {Promise<'allowed' | 'refused' | 'unavailable'>}
 */
export function requestWriteAccess() {
  if (writeAccess !== 'unknown') return Promise.resolve(writeAccess === 'allowed' ? 'allowed' : 'unavailable');
  const app = native('6.9');
  if (!app) return Promise.resolve('unavailable');
  writeAccess = 'asked';
  return new Promise((answer) => {
    app.requestWriteAccess((/** @type {boolean} */ allowed) => {
      writeAccess = allowed ? 'allowed' : 'unknown';
      answer(allowed ? 'allowed' : 'refused');
    });
  });
}

// --- Buttons ------------------------------------------------------------------------------------

/** @type {MainButton | null} */
let main = null;
/** @type {{label: string, onClick: () => void} | null} */
let back = null;

const pressMain = () => main && !main.busy && main.onClick();
const pressBack = () => back?.onClick();

const mainText = h('span', { class: 'main-button__text', dir: 'auto' });
const mainDrawn = /** @type {HTMLButtonElement} */ (h('button', { class: 'main-button', type: 'button', onclick: pressMain }, mainText));
const bottomBar = h('div', { class: 'bottom-bar' }, mainDrawn);
const backDrawn = h('button', { class: 'back-button', type: 'button', onclick: pressBack });

/** The one big button at the bottom; null takes it away. @param {MainButton | null} button */
export function setMainButton(button) {
  main = button;
  showButtons();
}

/** The way back to the view before; null on the first view. @param {{label: string, onClick: () => void} | null} button */
export function setBackButton(button) {
  back = button;
  showButtons();
}

function showButtons() {
  const app = webApp();
  if (app) showNativeButtons(app);
  drawMain(main && !native('6.0') ? main : null);
  drawBack(back && !native('6.1') ? back : null);
}

/** @param {any} app */
function showNativeButtons(app) {
  if (main) {
    app.MainButton.setParams({ text: main.text.slice(0, BUTTON_TEXT), is_visible: true, is_active: !main.busy });
    if (main.busy) app.MainButton.showProgress();
    else app.MainButton.hideProgress();
  } else if (app.MainButton.isVisible) {
    app.MainButton.hide();
  }
  if (!app.isVersionAtLeast('6.1')) return;
  if (back) app.BackButton.show();
  else if (app.BackButton.isVisible) app.BackButton.hide();
}

/** @param {MainButton | null} button */
function drawMain(button) {
  document.documentElement.classList.toggle('has-bottom-bar', button !== null);
  if (!button) return bottomBar.remove();
  say(mainText, button.text);
  mainDrawn.setAttribute('aria-disabled', String(button.busy === true));
  mainDrawn.classList.toggle('is-busy', button.busy === true);
  if (!bottomBar.isConnected) (document.querySelector('main') ?? document.body).append(bottomBar);
}

/** @param {{label: string} | null} button */
function drawBack(button) {
  if (!button) return backDrawn.remove();
  fill(backDrawn, icon('back'), h('span', {}, button.label));
  if (!backDrawn.isConnected) (document.querySelector('main') ?? document.body).prepend(backDrawn);
}

// --- When the script arrives --------------------------------------------------------------------

function adopt() {
  const app = webApp();
  if (!app) return;
  const dress = () => {
    wear(app.themeParams);
    if (app.isVersionAtLeast('6.1') && hosted()) {
      app.setHeaderColor('secondary_bg_color');
      app.setBackgroundColor('secondary_bg_color');
    }
  };
  app.onEvent('themeChanged', dress);
  app.onEvent('mainButtonClicked', pressMain);
  app.onEvent('backButtonClicked', pressBack);
  dress();
  ready();
  showButtons();
}

wear(launch.theme);
if (webApp()) adopt();
else document.querySelector('script[src*="telegram-web-app"]')?.addEventListener('load', adopt);
