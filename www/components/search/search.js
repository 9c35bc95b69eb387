/** A field that narrows a list down while one types. */

import { h, icon, say } from '../../lib/html.js';

/** Without accents and case, so that `loven` finds `Löven`. @param {string} text */
export const fold = (text) => text.normalize('NFKD').replace(/\p{Mn}/gu, '').toLocaleLowerCase();

/**
 * @param {import('../../lib/i18n.js').Translate} t
 * @param {(words: string[]) => void} onWords called with the folded words in the field
 */
export function search(t, onWords) {
  const field = /** @type {HTMLInputElement} */ (h('input', { class: 'search__field', type: 'search', 'aria-label': t('search'), placeholder: t('search'), enterkeyhint: 'search', autocomplete: 'off', oninput: changed, onkeydown: pressed }));
  const result = h('p', { class: 'visually-hidden', role: 'status' });
  const element = h('search', { class: 'search' }, icon('search'), field, result);

  function changed() {
    onWords(fold(field.value).split(/\s+/).filter(Boolean));
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    if (event.key === 'Escape' && field.value) clear();
    else if (event.key === 'Enter') field.blur();
  }

  function clear() {
    field.value = '';
    changed();
    field.focus();
  }

  return { element, clear, text: () => field.value.trim(), announce: (/** @type {string} */ text) => say(result, text) };
}
