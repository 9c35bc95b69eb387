/** Who goes to an event and who waits, with the list as a file. */

import { fill, h, icon } from '../../lib/html.js';

/** @typedef {{telegram_id: number, name: string, state: 'going' | 'waitlisted', since: string, reachable?: boolean}} Attendee */

/** What a spreadsheet would take for a formula; the wide forms are taken for one too. */
const FORMULA = /^[\s]*[=+\-@＝＋－＠]|^[\t\r\n]/u;

/**
 * One cell of a CSV file. A text that a spreadsheet would run as a formula gets an apostrophe.
 * @param {string | number} value
 */
export function cell(value) {
  const text = typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value);
  return `"${text.replaceAll('"', '""')}"`;
}

/** RFC 4180, with a mark that makes spreadsheets read it as UTF-8. @param {(string | number)[][]} rows */
export const csv = (rows) => '\uFEFF' + rows.map((row) => row.map(cell).join(',') + '\r\n').join('');

/**
 * @param {import('../../lib/i18n.js').Translate} t
 * @param {object} options
 * @param {string} options.title of the event
 * @param {(since: string) => string} options.moment an instant in words
 * @param {(who: Attendee) => void} options.onRemove
 * @param {(worked: boolean) => void} options.onCopied
 */
export function attendeeList(t, { title, moment, onRemove, onCopied }) {
  /** @type {Attendee[]} */
  let list = [];
  const heading = h('h1', { tabindex: '-1' }, t('a_title'));
  const count = h('p', { class: 'screen__lead', role: 'status' });
  const people = h('div', {}, h('div', { class: 'group skeleton-rows', 'aria-hidden': 'true' }));
  const tools = h('div', { class: 'attendees__tools', hidden: true },
    h('button', { class: 'button button--tint', type: 'button', onclick: save }, t('a_csv')),
    h('button', { class: 'button button--tint', type: 'button', hidden: !navigator.clipboard, onclick: copy }, t('a_copy')));
  const element = h('div', { class: 'attendees' }, heading, h('p', { class: 'screen__lead', dir: 'auto' }, title), count, tools, people);

  /** @param {Attendee[]} next */
  function show(next) {
    list = next;
    const going = list.filter((who) => who.state === 'going');
    const waiting = list.filter((who) => who.state === 'waitlisted');
    const words = [t('a_going', { n: going.length }), waiting.length > 0 && t('waiting', { n: waiting.length })];
    count.textContent = words.filter(Boolean).join(' · ');
    tools.hidden = list.length === 0;
    fill(people,
      list.length === 0 && h('p', { class: 'attendees__none' }, t('a_none')),
      going.length > 0 && rows(going),
      waiting.length > 0 && [h('h2', { class: 'attendees__part' }, t('a_waitlisted')), rows(waiting)],
      list.some((who) => who.reachable === false) && h('p', { class: 'attendees__hint' }, t('a_unreachable_hint')));
  }

  /** @param {Attendee[]} some */
  const rows = (some) => h('ul', { class: 'group attendees__rows' }, some.map(row));

  /** @param {Attendee} who */
  const row = (who) => h('li', { class: 'attendee' },
    h('span', { class: 'attendee__face', 'aria-hidden': 'true' }, [...who.name.trim()][0]?.toLocaleUpperCase() ?? '?'),
    h('span', { class: 'attendee__text' },
      h('span', { class: 'attendee__name', dir: 'auto' }, who.name),
      h('span', { class: 'attendee__since' }, t('a_since', { date: moment(who.since) })),
      who.reachable === false && h('span', { class: 'badge' }, t('a_unreachable'))),
    h('button', { class: 'attendee__remove', type: 'button', 'aria-label': t('a_remove', { name: who.name }), onclick: () => onRemove(who) }, icon('close')));

  /** @returns {(string | number)[][]} */
  function table() {
    const head = ['csv_id', 'csv_name', 'csv_state', 'csv_since', 'csv_reachable'].map((key) => t(key));
    return [head, ...list.map((who) => [who.telegram_id, who.name, t(`csv_${who.state}`), who.since, t(who.reachable === false ? 'no' : 'yes')])];
  }

  function save() {
    const address = URL.createObjectURL(new Blob([csv(table())], { type: 'text/csv;charset=utf-8' }));
    const name = title.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '').slice(0, 60) || 'event';
    h('a', { href: address, download: `${name}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  async function copy() {
    const names = list.map((who) => who.name).join('\n');
    onCopied(await navigator.clipboard.writeText(names).then(() => true, () => false));
  }

  return { element, heading, show };
}
