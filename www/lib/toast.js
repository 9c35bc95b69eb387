/** Short messages at the bottom of the page, read out by screen readers. */

import { h, icon } from './html.js';

/** Long enough to read two lines. */
const SHOWN_MS = 7000;

/** Older ones make room: more than this would cover the page. */
const MOST = 3;

const polite = h('div', { class: 'toasts__region', role: 'status' });
const urgent = h('div', { class: 'toasts__region', role: 'alert' });
const toasts = h('div', { class: 'toasts' }, polite, urgent);
let closeLabel = 'Close';

/** Puts the live regions on the page; they must be there before the first message. @param {string} label of the closing cross */
export function prepareToasts(label) {
  closeLabel = label;
  document.body.append(toasts);
}

/** Something happened. @param {string} text */
export const tell = (text) => show(polite, text);

/** Something failed. @param {string} text */
export const warn = (text) => show(urgent, text);

/** @param {HTMLElement} region @param {string} text */
function show(region, text) {
  for (const old of toasts.querySelectorAll('.toast')) if (old.textContent === text) old.remove();
  const cross = h('button', { class: 'toast__close', type: 'button', 'aria-label': closeLabel, onclick: () => toast.remove() }, icon('close'));
  const toast = h('div', { class: region === urgent ? 'toast toast--warning' : 'toast' }, h('p', { dir: 'auto' }, text), cross);
  region.append(toast);
  while (toasts.querySelectorAll('.toast').length > MOST) toasts.querySelector('.toast')?.remove();
  expire(toast);
}

/** Takes the toast away after a while, but not from under a pointer or a keyboard. @param {HTMLElement} toast */
function expire(toast) {
  setTimeout(() => (toast.matches(':hover, :focus-within') ? expire(toast) : toast.remove()), SHOWN_MS);
}
