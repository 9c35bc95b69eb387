/**
 * The page of one message, `/s/<number>#<token>`: nothing is opened before somebody presses the
 * button, since programs that only look at links press none.
 */

import { fill, h, icon, say } from '../lib/html.js';
import { choose, translator } from '../lib/i18n.js';
import { prepareToasts, tell, warn } from '../lib/toast.js';
import { sentences } from './i18n.js';

/** The token behind the `#`; a full stop that a sentence put behind the link is not part of it. */
const TOKEN = /^#([0-9a-f]{64})(?![0-9a-f])/i;

/** The longest passphrase the server takes. */
const PASSPHRASE_MAX = 256;

/** What became of a try. @typedef {{text: string} | {no: string, wait?: number, wants?: boolean}} Outcome */

const language = choose(sentences, navigator.languages) ?? 'en';
const t = translator(sentences, language);
const page = /** @type {HTMLElement} */ (document.getElementById('secret'));

document.documentElement.lang = language;
document.title = t('title');
prepareToasts(t('close'));
begin();
window.addEventListener('hashchange', begin);
// A page that is taken out of the browser's memory again must not still hold the text.
window.addEventListener('pagehide', (event) => event.persisted && page.replaceChildren());
window.addEventListener('pageshow', (event) => event.persisted && begin());

/** The first view: a message waits, or the link is of no use. */
function begin() {
  const token = TOKEN.exec(location.hash)?.[1];
  if (token) return waiting(token);
  show('link', t('incomplete'), h('p', { class: 'secret__lead' }, t('incomplete_text')));
}

/** @param {string} token */
function waiting(token) {
  const no = h('p', { class: 'secret__no', id: 'no', hidden: true });
  const alert = h('div', { class: 'secret__alert', role: 'alert' }, no);
  const lead = h('p', { class: 'secret__lead' }, t('once'));
  const input = /** @type {HTMLInputElement} */ (h('input', {
    class: 'field__input', id: 'passphrase', type: 'password', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', maxlength: PASSPHRASE_MAX,
  }));
  const details = /** @type {HTMLDetailsElement} */ (h('details', { class: 'secret__passphrase' },
    h('summary', {}, t('have_passphrase')),
    h('div', { class: 'field' }, h('label', { class: 'field__label', for: 'passphrase' }, t('passphrase')), input)));
  const button = h('button', { class: 'button', type: 'submit' }, t('open'));
  const form = h('form', { class: 'secret__form', onsubmit: press }, details, button);
  details.addEventListener('toggle', () => details.open && !input.value && input.focus());
  show('closed', t('waiting'), lead, alert, form);

  /** @param {Event} event */
  async function press(event) {
    event.preventDefault();
    if (button.getAttribute('aria-disabled') === 'true') return;
    button.setAttribute('aria-disabled', 'true');
    say(button, t('opening'));
    no.hidden = true;
    const outcome = await open(token, details.open ? input.value : '');
    if (!form.isConnected) return;
    if ('text' in outcome) return shown(outcome.text);
    button.removeAttribute('aria-disabled');
    say(button, t('open'));
    say(no, outcome.no);
    no.classList.toggle('secret__no--asks', outcome.wants === true);
    no.hidden = false;
    lead.hidden = true;
    if (outcome.wants) details.open = true;
    if (details.open) input.select();
  }
}

/**
 * Asks the server, which gives the text once.
 * @param {string} token @param {string} passphrase @returns {Promise<Outcome>}
 */
async function open(token, passphrase) {
  const body = JSON.stringify(passphrase ? { token, passphrase } : { token });
  try {
    const answer = await fetch(location.pathname, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body, cache: 'no-store' });
    if (answer.status === 200) return { text: String((await answer.json()).text) };
    if (answer.status === 429) return { no: t('too_many', { n: minutes(answer.headers.get('Retry-After')) }) };
    if (answer.status !== 404) return { no: t('trouble') };
    const wants = (await answer.json()).needs === 'passphrase';
    return { no: wants ? t('needs_passphrase') : t('no'), wants };
  } catch {
    return { no: t('cut_off') };
  }
}

/** @param {string | null} seconds */
const minutes = (seconds) => Math.max(1, Math.ceil(Number(seconds) / 60) || 1);

/** The text, for as long as the page is open. @param {string} text */
function shown(text) {
  // The token opens nothing any more; others who look at the address bar need not wonder.
  history.replaceState(null, '', location.pathname);
  const shown = h('div', { class: 'secret__text', id: 'text', dir: 'auto', tabindex: '0', role: 'region', 'aria-labelledby': 'heading' }, text);
  const copy = h('button', { class: 'button secret__copy', type: 'button', onclick: () => take(text, shown) }, t('copy'));
  show('open', t('message'), shown, copy, h('p', { class: 'secret__lead' }, t('gone')));
  document.getElementById('heading')?.focus();
}

/** Copies the text, or leaves it selected where the browser does not allow that. @param {string} text @param {HTMLElement} shown */
async function take(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    tell(t('copied'));
  } catch {
    window.getSelection()?.selectAllChildren(shown);
    if (document.execCommand('copy')) tell(t('copied'));
    else warn(t('not_copied'));
  }
}

/** One card with a heading. @param {string} picture @param {string} heading @param {...Node} rest */
function show(picture, heading, ...rest) {
  const head = h('h1', { id: 'heading', tabindex: '-1' }, heading);
  fill(page, h('div', { class: 'secret__card group' }, h('div', { class: 'secret__picture' }, icon(picture)), head, rest));
  page.removeAttribute('aria-busy');
}
