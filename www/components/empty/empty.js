/** What stands in place of a list: that it is empty, or that the server will not have us. */

import { h, icon } from '../../lib/html.js';
import { closable, close } from '../../lib/telegram.js';

/** @param {Parameters<typeof icon>[0]} picture @param {string} headline @param {string} text @param {...any} more */
export const emptyBox = (picture, headline, text, ...more) =>
  h('div', { class: 'empty' }, h('div', { class: 'empty__picture' }, icon(picture)), h('h2', {}, headline), text && h('p', { dir: 'auto' }, text), more);

/**
 * The end of the page, with the server's reason if it gave one.
 * @param {import('../../lib/i18n.js').Translate} t
 * @param {string} [reason]
 */
export function endedBox(t, reason) {
  return emptyBox('close', t('ended'), reason || t('ended_fallback'),
    !reason && h('p', {}, t('ended_hint')),
    h('div', { class: 'empty__buttons' },
      closable() && h('button', { class: 'button', type: 'button', onclick: close }, t('close')),
      h('button', { class: 'button button--tint', type: 'button', onclick: () => location.reload() }, t('try_again'))));
}
