/** The bar on top that says when what is shown may be out of date. */

import { h, say } from '../../lib/html.js';

/**
 * @param {import('../../lib/i18n.js').Translate} t
 * @param {() => void} onRetry
 */
export function offlineBar(t, onRetry) {
  const text = h('span', {});
  const retry = h('button', { class: 'offline-bar__retry', type: 'button', hidden: true, onclick: onRetry }, t('connect_now'));
  const element = h('div', { class: 'offline-bar' }, h('span', { role: 'status' }, text), retry);

  /** Shows the bar in the words for what is wrong. */
  function show() {
    say(text, t(navigator.onLine ? 'connection_lost' : 'offline'));
    retry.hidden = false;
    element.classList.add('is-shown');
  }

  function hide() {
    say(text, '');
    retry.hidden = true;
    element.classList.remove('is-shown');
  }

  return { element, show, hide };
}
