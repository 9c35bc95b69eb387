/** What only admins need, fetched when one of them first uses it: form, attendee list, questions. */

import { fill, h, stylesheet } from '../lib/html.js';
import { quoted } from '../lib/i18n.js';
import { guardClosing, haptic, releaseClosing, setBackButton, setMainButton } from '../lib/telegram.js';
import { tell, warn } from '../lib/toast.js';
import { ask } from '../components/ask/ask.js';
import { attendeeList } from '../components/attendee-list/attendee-list.js';
import { eventForm } from '../components/event-form/event-form.js';
import { dateKey, dateName, momentName, starts } from './when.js';

/** @typedef {import('./events.js').Event} Event */
/** @typedef {import('../lib/socket.js').Frame} Frame */
/** @typedef {{awaits: (frame: Frame) => boolean, done: (frame: Frame) => void, failed: (frame: Frame | null) => void, timer: number}} Request */

/** After this long without an answer the person may try again. */
const ANSWER_MS = 12_000;

/** Changes come in bursts; the list is asked for once per burst. */
const REFRESH_MS = 300;

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * @param {object} page
 * @param {import('../lib/i18n.js').Translate} page.t
 * @param {string} page.locale
 * @param {(message: Frame) => boolean} page.send
 * @param {import('./events.js').Events} page.events
 * @param {() => {timezone: string}} page.me
 * @param {HTMLElement} page.board the view to come back to
 * @param {HTMLElement} page.screen the place for other views
 */
export async function admin({ t, locale, send, events, me, board, screen }) {
  await Promise.all(['event-form', 'attendee-list'].map((name) => stylesheet(new URL(`../components/${name}/${name}.css`, import.meta.url))));
  /** @type {Request | null} */
  let request = null;
  /** @type {{event: number, show: (list: any[]) => void, timer: number} | null} */
  let watched = null;
  /** @type {{scroll: number, opener: Element | null} | null} */
  let behind = null;

  // --- Views ------------------------------------------------------------------------------------

  /** @param {HTMLElement} element @param {HTMLElement} heading @param {() => void} onBack */
  function enter(element, heading, onBack) {
    behind ??= { scroll: window.scrollY, opener: document.activeElement };
    fill(screen, element);
    board.hidden = true;
    screen.hidden = false;
    window.scrollTo(0, 0);
    heading.focus({ preventScroll: true });
    setBackButton({ label: t('back'), onClick: onBack });
  }

  /** Back to the list, to where one was. */
  function leave() {
    settle();
    watched = null;
    releaseClosing();
    setMainButton(null);
    setBackButton(null);
    if (!behind) return;
    screen.hidden = true;
    board.hidden = false;
    screen.replaceChildren();
    window.scrollTo(0, behind.scroll);
    if (behind.opener instanceof HTMLElement) behind.opener.focus({ preventScroll: true });
    behind = null;
  }

  // --- Requests ---------------------------------------------------------------------------------

  /**
   * Sends and waits for the frame that answers.
   * @param {Frame} message @param {(frame: Frame) => boolean} awaits
   * @returns {Promise<Frame>} rejected with the error frame, or with null when nothing came
   */
  function demand(message, awaits) {
    return new Promise((done, failed) => {
      if (!send(message)) return failed({ type: 'error', msg: t('not_sent') });
      settle();
      request = { awaits, done, failed, timer: setTimeout(() => fail(null), ANSWER_MS) };
    });
  }

  /** @returns {Request | null} the open request, which is closed by this */
  function settle() {
    const open = request;
    request = null;
    if (open) clearTimeout(open.timer);
    return open;
  }

  /** @param {Frame | null} error */
  const fail = (error) => settle()?.failed(error);

  /** @param {any} error a frame, or null @param {(field: string, text: string) => boolean} [place] where a faulty field can be marked */
  function complain(error, place = () => false) {
    haptic('error');
    if (!error) warn(t('no_answer'));
    else if (!(error.field && place(error.field, error.msg))) warn(error.msg);
  }

  // --- Form -------------------------------------------------------------------------------------

  /** @param {Event | null} event null for a new one */
  function openForm(event) {
    let busy = false;
    const form = eventForm(t, {
      event, timezone: me().timezone, tomorrow: dateKey(new Date(Date.now() + DAY_MS), me().timezone || undefined),
      onSubmit: submit,
      onInput: () => (form.dirty() ? guardClosing() : releaseClosing()),
    });
    const button = (/** @type {boolean} */ waiting) => setMainButton({ text: t(event ? 'save' : 'create'), onClick: submit, busy: waiting });

    async function submit() {
      if (busy) return;
      if (!form.valid()) return warn(t('w_check'));
      busy = true;
      button(true);
      try {
        const values = await form.values();
        await (event ? change(event, values) : create(values));
        haptic('success');
        leave();
        tell(t(event ? 'saved' : 'created', { title: quoted(values.title ?? event?.title) }));
      } catch (error) {
        busy = false;
        if (form.element.isConnected) button(false);
        complain(error, form.reject);
      }
    }

    async function back() {
      if (!form.dirty() || (await ask({ title: t('discard_title'), text: t('discard_text'), yes: t('discard'), no: t('keep_editing') }))) leave();
    }

    enter(form.element, form.heading, back);
    button(false);
  }

  /** @param {Record<string, any>} values */
  function create(values) {
    const known = new Set(events.all().map((event) => event.id));
    return demand({ type: 'create-event', ...values }, (frame) => frame.type === 'event' && !known.has(frame.id) && frame.title === values.title);
  }

  /** @param {Event} event @param {Record<string, any>} values */
  async function change(event, values) {
    if (Object.keys(values).length === 0) return;
    await demand({ type: 'edit-event', id: event.id, ...values }, (frame) => frame.type === 'event' && frame.id === event.id);
  }

  // --- Cancelling and deleting ------------------------------------------------------------------

  /** @param {Event} event */
  async function cancel(event) {
    const date = event.recurrence ? dateKey(starts(event), event.timezone) : null;
    const answer = await ask({
      title: t('cancel_title', { title: quoted(event.title) }), text: t('cancel_text'),
      yes: t('cancel'), no: t('keep'), fields: cancelFields(date),
    });
    if (!answer) return;
    const reason = String(answer.get('reason') ?? '').trim();
    const message = { type: 'cancel-event', id: event.id, reason, ...(answer.get('what') === 'once' ? { date } : {}) };
    await act(message, (frame) => frame.type === 'event' && frame.id === event.id, t('cancel_done', { title: quoted(event.title) }));
  }

  /** @param {string | null} date of the occurrence that can be cancelled alone */
  function cancelFields(date) {
    const choice = (/** @type {string} */ value, /** @type {string} */ text) => h('label', { class: 'choice' },
      h('input', { type: 'radio', name: 'what', value, checked: value === 'once' }), h('span', {}, text));
    return [
      ...(date ? [h('fieldset', { class: 'choices' }, h('legend', { class: 'field__label' }, t('cancel_what')),
        choice('once', t('cancel_once', { date: dateName(date, locale) })), choice('all', t('cancel_all')))] : []),
      h('div', { class: 'field' }, h('label', { class: 'field__label', for: 'f-reason' }, t('cancel_reason')),
        h('textarea', { id: 'f-reason', name: 'reason', class: 'field__input', rows: '2', maxlength: '500', dir: 'auto' })),
    ];
  }

  /** @param {Event} event */
  async function remove(event) {
    const agreed = await ask({ title: t('delete_title', { title: quoted(event.title) }), text: t('delete_text'), yes: t('delete'), no: t('keep') });
    if (agreed) await act({ type: 'delete-event', id: event.id }, (frame) => frame.type === 'delete-event' && frame.id === event.id, t('deleted', { title: quoted(event.title) }));
  }

  /** @param {Frame} message @param {(frame: Frame) => boolean} awaits @param {string} done */
  async function act(message, awaits, done) {
    try {
      await demand(message, awaits);
      haptic('success');
      if (done) tell(done);
    } catch (error) {
      complain(error);
    }
  }

  // --- Attendees --------------------------------------------------------------------------------

  /** @param {Event} event */
  function openAttendees(event) {
    const view = attendeeList(t, {
      title: event.title,
      moment: (since) => momentName(since, locale),
      onRemove: (who) => expel(event, who),
      onCopied: (worked) => (worked ? tell(t('a_copied')) : warn(t('a_not_copied'))),
    });
    enter(view.element, view.heading, leave);
    watched = { event: event.id, show: view.show, timer: 0 };
    if (!send({ type: 'attendees', event: event.id })) warn(t('not_sent'));
  }

  /** @param {Event} event @param {{telegram_id: number, name: string}} who */
  async function expel(event, who) {
    const agreed = await ask({ title: t('a_remove_title', { name: quoted(who.name) }), text: t('a_remove_text', { title: quoted(event.title) }), yes: t('a_remove_yes'), no: t('keep') });
    if (agreed) await act({ type: 'remove-attendee', event: event.id, user: who.telegram_id }, (frame) => frame.type === 'event' && frame.id === event.id, '');
  }

  /** Asks for the list again when its event has changed. @param {number} id */
  function refresh(id) {
    if (watched?.event !== id) return;
    clearTimeout(watched.timer);
    watched.timer = setTimeout(() => watched && send({ type: 'attendees', event: watched.event }), REFRESH_MS);
  }

  /** @param {Frame} frame @returns {boolean} whether an `error` was an answer to something here */
  function receive(frame) {
    if (watched && frame.type === 'attendees' && watched.event === frame.event) watched.show(frame.list);
    if (watched && frame.type === 'events-loaded') refresh(watched.event);
    if (frame.type === 'event') refresh(frame.id);
    if (frame.type === 'delete-event' && watched?.event === frame.id) leave();
    if (frame.type === 'error' && request) {
      fail(frame);
      return true;
    }
    if (request?.awaits(frame)) settle()?.done(frame);
    return false;
  }

  return { openForm, openAttendees, cancel, remove, receive, leave };
}
