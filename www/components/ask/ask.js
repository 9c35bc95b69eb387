/** A question that must be answered before anything else: a modal dialog. */

import { h } from '../../lib/html.js';

/**
 * @param {object} question
 * @param {string} question.title
 * @param {string} question.text
 * @param {string} question.yes the button that does it
 * @param {string} question.no the button that leaves everything as it is
 * @param {Node[]} [question.fields] form fields with a `name`
 * @returns {Promise<FormData | null>} the fields when agreed, else null
 */
export function ask({ title, text, yes, no, fields = [] }) {
  const form = /** @type {HTMLFormElement} */ (h('form', { method: 'dialog', class: 'ask__form' },
    h('h2', { id: 'ask-title', class: 'ask__title', dir: 'auto' }, title),
    h('p', { id: 'ask-text', class: 'ask__text', dir: 'auto' }, text),
    fields,
    h('div', { class: 'ask__buttons' },
      h('button', { class: 'button button--tint', type: 'button', autofocus: fields.length === 0, onclick: () => dialog.close('') }, no),
      h('button', { class: 'button button--danger', type: 'submit', value: 'yes' }, yes))));
  const dialog = /** @type {HTMLDialogElement} */ (h('dialog', { class: 'ask', 'aria-labelledby': 'ask-title', 'aria-describedby': 'ask-text' }, form));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      answer(dialog.returnValue === 'yes' ? new FormData(form) : null);
    });
  });
}
