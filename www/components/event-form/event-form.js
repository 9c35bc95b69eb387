/** The form that makes or changes an event. It checks what the server would refuse, before anything is sent. */

import { fill, h } from '../../lib/html.js';
import { base64, check, fitted } from './picture.js';

/** @typedef {import('../../apps/mini_event/events.js').Event} Event */
/** @typedef {Record<string, any>} Values what the form says, by the names of the protocol */

/** Longest texts, in characters. */
const LONGEST = { title: 120, description: 2000, location: 200 };

/** A week: the longest event, in hours. */
const LONGEST_HOURS = 168;

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

/**
 * @param {import('../../lib/i18n.js').Translate} t
 * @param {object} options
 * @param {Event | null} options.event the one to change; null for a new one
 * @param {string} options.timezone of the server, for a new event
 * @param {string} options.tomorrow `YYYY-MM-DD`, proposed for a new event
 * @param {() => void} options.onSubmit
 * @param {() => void} options.onInput
 */
export function eventForm(t, { event, timezone, tomorrow, onSubmit, onInput }) {
  const before = event ? valuesOf(event) : fresh(tomorrow, timezone);
  const input = (/** @type {string} */ name, /** @type {Record<string, any>} */ more = {}) =>
    h('input', { id: `f-${name}`, name, class: 'field__input', type: 'text', autocomplete: 'off', value: before[name], ...more });
  const field = (/** @type {string} */ name, /** @type {HTMLElement} */ control, label = `f_${name}`) => h('div', { class: 'field', 'data-field': name },
    h('label', { class: 'field__label', for: `f-${name}` }, t(label)), control, h('p', { class: 'field__fault', id: `w-${name}`, hidden: true }));

  const repeat = h('select', { id: 'f-repeat', name: 'repeat', class: 'field__input', onchange: showFitting },
    [['once', 'f_once'], ['daily', 'daily'], ['weekly', 'weekly'], ['monthly', 'monthly']].map(([value, key]) => h('option', { value, selected: value === before.repeat }, t(key))));
  const zone = h('select', { id: 'f-timezone', name: 'timezone', class: 'field__input' }, zones(before.timezone).map((name) => h('option', { value: name, selected: name === before.timezone }, name.replaceAll('_', ' '))));
  const picture = pictureField(t, event?.image ?? '', onInput);
  const date = field('date', input('date', { type: 'date', placeholder: '2026-12-24' }));
  const until = field('until', input('until', { type: 'date', placeholder: '2026-12-24' }));

  const heading = h('h1', { tabindex: '-1' }, t(event ? 'form_edit' : 'form_new'));
  const form = /** @type {HTMLFormElement} */ (h('form', { class: 'event-form', novalidate: true, onsubmit: submitted, oninput: onInput, onkeydown: entered },
    h('div', { class: 'group' },
      field('title', input('title', { required: true, 'aria-required': 'true', dir: 'auto' })),
      field('description', h('textarea', { id: 'f-description', name: 'description', class: 'field__input', rows: '4', dir: 'auto', value: before.description }))),
    h('div', { class: 'group' }, picture.element),
    h('div', { class: 'group' },
      field('repeat', repeat),
      h('div', { class: 'field-row' }, date, field('time', input('time', { type: 'time', placeholder: '18:30' }))),
      h('div', { class: 'field-row' }, field('duration', input('duration', { inputmode: 'decimal' })), until),
      field('timezone', zone)),
    h('div', { class: 'group' },
      field('location', input('location', { dir: 'auto' })),
      field('capacity', input('capacity', { inputmode: 'numeric' })))));
  const element = h('div', {}, heading, form);
  const original = JSON.stringify(spoken());

  /** The names of the protocol stand for fields of other names here. */
  const ALIASES = { start: 'date', recurrence: 'repeat' };

  function showFitting() {
    const how = spoken().repeat;
    date.hidden = how === 'daily';
    until.hidden = how === 'daily' || how === 'once';
  }

  /** @returns {Record<string, string>} */
  function spoken() {
    const data = new FormData(form);
    return Object.fromEntries([...data].filter(([name]) => name !== 'picture').map(([name, value]) => [name, String(value).trim().replace(/\r\n/g, '\n')]));
  }

  /** @param {SubmitEvent} happening */
  function submitted(happening) {
    happening.preventDefault();
    onSubmit();
  }

  /** The form has no button of its own, so Enter would do nothing. @param {KeyboardEvent} happening */
  function entered(happening) {
    const target = /** @type {HTMLElement} */ (happening.target);
    if (happening.key !== 'Enter' || happening.isComposing || !target.matches('input:not([type=file])')) return;
    happening.preventDefault();
    onSubmit();
  }

  /** Marks what is wrong and goes there. @returns {boolean} whether everything is right */
  function valid() {
    const faults = faultsOf(spoken());
    for (const holder of form.querySelectorAll('[data-field]')) {
      const name = /** @type {HTMLElement} */ (holder).dataset.field ?? '';
      if (name !== 'image') mark(name, faults[name] ? t(...faults[name]) : '');
    }
    const right = Object.keys(faults).length === 0 && !picture.faulty();
    if (!right) /** @type {HTMLElement | null} */ (form.querySelector('[aria-invalid=true]'))?.focus();
    return right;
  }

  /** @param {string} name @param {string} text empty when nothing is wrong */
  function mark(name, text) {
    const holder = form.querySelector(`[data-field="${CSS.escape(name)}"]`);
    const control = holder?.querySelector('input, textarea, select');
    const fault = /** @type {HTMLElement | null} */ (holder?.querySelector('.field__fault'));
    if (!control || !fault) return false;
    fault.textContent = text;
    fault.hidden = !text;
    if (text) control.setAttribute('aria-invalid', 'true');
    else control.removeAttribute('aria-invalid');
    if (name === 'image') return true;
    if (text) control.setAttribute('aria-describedby', fault.id);
    else control.removeAttribute('aria-describedby');
    return true;
  }

  /** The server found fault with one field. @param {string} name as in the protocol @param {string} text @returns {boolean} whether the form has it */
  function reject(name, text) {
    const own = ALIASES[/** @type {keyof typeof ALIASES} */ (name)] ?? name;
    const target = own === 'date' && spoken().repeat === 'daily' ? 'time' : own;
    if (!mark(target, text)) return false;
    /** @type {HTMLElement | null} */ (form.querySelector('[aria-invalid=true]'))?.focus();
    return true;
  }

  /** Everything for a new event; for an old one what differs. @returns {Promise<Values>} */
  async function values() {
    const now = protocol(spoken());
    if (!event) return { ...dropEmpty(now), ...(await picture.value()) };
    const then = protocol(JSON.parse(original));
    const changed = Object.entries(now).filter(([name, value]) => value !== then[name]);
    return { ...Object.fromEntries(changed), ...(await picture.value()) };
  }

  const dirty = () => JSON.stringify(spoken()) !== original || picture.changed();
  showFitting();
  return { element, heading, valid, reject, values, dirty };
}

/** @param {string} tomorrow @param {string} timezone @returns {Record<string, string>} */
const fresh = (tomorrow, timezone) => ({ title: '', description: '', repeat: 'once', date: tomorrow, time: '18:00', duration: '1', until: '', timezone, location: '', capacity: '' });

/** @param {Event} event @returns {Record<string, string>} */
function valuesOf(event) {
  const [date, time] = event.start.includes(' ') ? event.start.split(' ') : ['', event.start];
  return {
    title: event.title, description: event.description, date, time,
    repeat: date ? event.recurrence ?? 'once' : 'daily',
    duration: String(event.duration), until: event.until ?? '', timezone: event.timezone,
    location: event.location ?? '', capacity: event.capacity == null ? '' : String(event.capacity),
  };
}

/** What is wrong, by field: a key of the table and its values. @param {Record<string, string>} said @returns {Record<string, [string, any?]>} */
export function faultsOf(said) {
  /** @type {Record<string, [string, any?]>} */
  const faults = {};
  const dated = said.repeat !== 'daily';
  for (const [name, n] of Object.entries(LONGEST)) if ([...said[name]].length > n) faults[name] = ['w_long', { n }];
  if (!said.title) faults.title = ['w_title'];
  if (dated && !DATE.test(said.date)) faults.date = ['w_date'];
  if (!TIME.test(said.time)) faults.time = ['w_time'];
  const hours = number(said.duration);
  if (!(hours > 0 && hours <= LONGEST_HOURS)) faults.duration = ['w_duration'];
  if (said.capacity && !/^[1-9]\d{0,8}$/.test(said.capacity)) faults.capacity = ['w_capacity'];
  if (repeating(said) && said.until && !(DATE.test(said.until) && said.until >= said.date)) faults.until = ['w_until'];
  return faults;
}

/** @param {Record<string, string>} said */
const repeating = (said) => said.repeat === 'weekly' || said.repeat === 'monthly';

/** People write one and a half with a point or a comma. @param {string} text */
const number = (text) => (/^\d+([.,]\d+)?$/.test(text) ? Number(text.replace(',', '.')) : NaN);

/** @param {Record<string, string>} said @returns {Values} */
function protocol(said) {
  return {
    title: said.title, description: said.description,
    start: said.repeat === 'daily' ? said.time : `${said.date} ${said.time}`,
    duration: number(said.duration), timezone: said.timezone, location: said.location,
    capacity: said.capacity ? Number(said.capacity) : null,
    recurrence: repeating(said) ? said.repeat : null,
    until: repeating(said) && said.until ? said.until : null,
  };
}

/** @param {Values} values */
const dropEmpty = (values) => Object.fromEntries(Object.entries(values).filter(([name, value]) => name === 'description' || (value !== null && value !== '')));

/** @param {string} chosen */
function zones(chosen) {
  const all = Intl.supportedValuesOf?.('timeZone') ?? [];
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [...new Set([chosen, own, 'UTC', ...all])].filter(Boolean);
}

/** @param {import('../../lib/i18n.js').Translate} t @param {string} present address of the picture there is @param {() => void} onInput */
function pictureField(t, present, onInput) {
  /** @type {File | null} */
  let file = null;
  /** @type {File | null} */
  let refused = null;
  let removed = false;
  let preview = '';
  let turn = 0;

  const input = /** @type {HTMLInputElement} */ (h('input', { id: 'f-image', name: 'picture', class: 'visually-hidden picture__input', type: 'file', accept: 'image/png,image/jpeg,image/webp', 'aria-describedby': 'h-image w-image', onchange: () => input.files?.[0] && take(input.files[0]) }));
  const image = /** @type {HTMLImageElement} */ (h('img', { class: 'picture__preview', alt: t('f_image_alt'), hidden: true }));
  const choose = h('label', { class: 'button button--tint', for: 'f-image' });
  const remove = h('button', { class: 'button button--danger', type: 'button', hidden: true, onclick: clear }, t('f_image_remove'));
  const fault = h('p', { class: 'field__fault', id: 'w-image', role: 'alert' });
  const fit = h('button', { class: 'button button--tint', type: 'button', hidden: true, onclick: async () => refused && take(await fitted(refused)) }, t('f_image_fit'));
  const element = h('div', { class: 'field', 'data-field': 'image' },
    h('span', { class: 'field__label' }, t('f_image')), image,
    h('div', { class: 'picture__buttons' }, input, choose, remove), fault, fit,
    h('p', { class: 'field__hint', id: 'h-image' }, t('f_image_hint')));

  /** @param {File} next */
  async function take(next) {
    turn += 1;
    const mine = turn;
    const wrong = await check(next);
    if (mine !== turn) return;
    input.value = '';
    refused = wrong?.fits ? next : null;
    fit.hidden = refused === null;
    fault.textContent = wrong ? t(wrong.key, wrong.values) : '';
    input.removeAttribute('aria-invalid');
    if (wrong) return input.setAttribute('aria-invalid', 'true');
    file = next;
    removed = false;
    draw();
    onInput();
  }

  function clear() {
    turn += 1;
    removed = present !== '';
    file = refused = null;
    fault.textContent = '';
    fit.hidden = true;
    input.removeAttribute('aria-invalid');
    draw();
    onInput();
    input.focus();
  }

  function draw() {
    if (preview) URL.revokeObjectURL(preview);
    preview = file ? URL.createObjectURL(file) : '';
    const address = preview || (removed ? '' : present);
    image.hidden = remove.hidden = !address;
    if (address) image.src = address;
    fill(choose, t(address ? 'f_image_change' : 'f_image_choose'));
  }

  /** @returns {Promise<Values>} nothing when the picture stays as it is */
  async function value() {
    if (file) return { image: { name: file.name, base64: await base64(file) } };
    return removed ? { image: null } : {};
  }

  draw();
  return { element, value, changed: () => file !== null || removed, faulty: () => input.getAttribute('aria-invalid') === 'true' };
}
