/** One event as a card: what, when, where, who, and what one can do about it. */

import { fill, h, icon, say } from '../../lib/html.js';

/** @typedef {import('../../apps/mini_event/events.js').Event} Event */
/** @typedef {import('../../lib/i18n.js').Translate} Translate */
/**
 * @typedef {object} Facts the sentences of a card, ready to be shown
 * @property {'coming' | 'running' | 'over'} phase
 * @property {boolean} cancelled
 * @property {string} when
 * @property {string} here the same on the viewer's clock, or empty
 * @property {string} repeats
 * @property {string} people
 */
/**
 * @typedef {object} Actions
 * @property {(event: Event, going: boolean) => void} attend
 * @property {(event: Event) => void} share
 * @property {(event: Event, click: MouseEvent) => void} calendar
 * @property {(what: 'edit' | 'attendees' | 'cancel' | 'delete', event: Event) => void} manage
 */

/** How far below the screen pictures are fetched once somebody scrolls; before, only what is seen is. */
const AHEAD = '600px';

let sight = watch('0px');
/** @type {Set<Element>} pictures not fetched yet */
const unseen = new Set();
window.addEventListener('scroll', () => {
  sight.disconnect();
  sight = watch(AHEAD);
  for (const picture of unseen) sight.observe(picture);
}, { once: true, passive: true });

/** @param {string} margin */
function watch(margin) {
  return new IntersectionObserver((entries) => {
    for (const { target } of entries.filter((entry) => entry.isIntersecting)) {
      sight.unobserve(target);
      unseen.delete(target);
      /** @type {any} */ (target).fetchNow();
    }
  }, { rootMargin: `${margin} 0px` });
}

/** Whether a description is cut is known once it is laid out. */
const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) /** @type {any} */ (target).measured?.();
});

/**
 * @param {Translate} t
 * @param {Actions} actions
 */
export function eventCard(t, actions) {
  /** @type {Event} */
  let event;
  let drawn = '';
  const id = `event-${crypto.getRandomValues(new Uint32Array(1))[0]}`;

  const picture = pictureFrame();
  const badges = h('p', { class: 'card__badges' });
  const title = h('h3', { class: 'card__title', id, dir: 'auto' });
  const facts = h('ul', { class: 'card__facts' });
  const notice = h('p', { class: 'card__notice', dir: 'auto' });
  const description = foldedText(t);
  const attend = h('button', { class: 'button card__attend', type: 'button', 'aria-describedby': id, onclick: () => actions.attend(event, event.state === 'none') });
  const share = h('button', { class: 'button button--tint button--icon', type: 'button', 'aria-label': t('share'), title: t('share'), 'aria-describedby': id, onclick: () => actions.share(event) }, icon('share'));
  const calendar = h('a', { class: 'button button--tint button--icon', 'aria-label': t('to_calendar'), title: t('to_calendar'), 'aria-describedby': id, download: true, onclick: (/** @type {MouseEvent} */ click) => actions.calendar(event, click) }, icon('calendar'));
  const manage = manageMenu(t, id, (what) => actions.manage(what, event));
  const body = h('div', { class: 'card__body' }, badges, title, facts, notice, description.element, h('div', { class: 'card__actions' }, attend, share, calendar));
  const element = h('article', { class: 'card', tabindex: '-1', 'aria-labelledby': id }, picture.element, body);

  /** @param {Event} next @param {Facts} now @param {boolean} managed whether the viewer is an admin */
  function update(next, now, managed) {
    const key = JSON.stringify([now, managed]);
    if (event === next && drawn === key) return;
    event = next;
    drawn = key;
    element.dataset.id = String(event.id);
    element.classList.toggle('card--over', now.phase === 'over' || now.cancelled);
    picture.show(event.image, event.title);
    say(title, event.title);
    fill(badges, badgesOf(event, now, t));
    badges.hidden = !badges.hasChildNodes();
    fill(facts, factsOf(event, now));
    say(notice, now.cancelled ? event.cancel_reason ?? '' : '');
    notice.hidden = !notice.textContent;
    description.show(event.description ?? '');
    showAttend(now);
    calendar.setAttribute('href', `../event/${event.id}.ics`);
    calendar.hidden = now.phase === 'over' || now.cancelled;
    if (managed !== manage.isConnected) managed ? body.append(manage) : manage.remove();
  }

  /** @param {Facts} now */
  function showAttend(now) {
    const inside = event.state !== 'none';
    attend.hidden = now.phase === 'over' || event.cancelled;
    attend.classList.toggle('button--tint', inside);
    attend.classList.toggle('is-asked', event.asked === true);
    attend.setAttribute('aria-busy', String(event.asked === true));
    say(attend, t(labelOf(event)));
  }

  return { element, update };
}

/** @param {Event} event */
function labelOf(event) {
  if (event.state === 'waitlisted') return 'leave_waiting';
  if (event.state === 'going') return 'leave';
  return event.capacity != null && event.attendees >= event.capacity ? 'join_waiting' : 'attend';
}

/** @param {Event} event @param {Facts} now @param {Translate} t */
function badgesOf(event, now, t) {
  return [
    now.cancelled && h('span', { class: 'badge badge--danger' }, t('cancelled')),
    !now.cancelled && now.phase === 'running' && h('span', { class: 'badge badge--now' }, t('now')),
    !event.cancelled && now.phase !== 'over' && event.state === 'going' && h('span', { class: 'badge badge--good' }, icon('check'), t('going')),
    !event.cancelled && now.phase !== 'over' && event.state === 'waitlisted' && h('span', { class: 'badge' }, icon('clock'), t('waitlisted')),
  ].filter(Boolean);
}

/** @param {Event} event @param {Facts} now */
function factsOf(event, now) {
  const fact = (/** @type {any} */ picture, /** @type {string} */ text, /** @type {string} */ more = '') =>
    text && h('li', { class: 'fact' }, icon(picture), h('span', { dir: 'auto' }, text, more && h('span', { class: 'fact__more' }, more)));
  return [fact('clock', now.when, now.here), fact('repeat', now.repeats), fact('place', event.location), fact('people', now.people)];
}

/** A 16:9 picture that is fetched when it is about to be seen and hidden when it cannot be had. */
function pictureFrame() {
  const image = /** @type {HTMLImageElement} */ (h('img', { class: 'card__image', decoding: 'async', width: '640', height: '360', onerror: () => (element.hidden = true) }));
  const element = h('div', { class: 'card__picture', hidden: true }, image);
  let address = '';
  /** @param {string} next @param {string} title */
  function show(next, title) {
    image.alt = title;
    if (next === address) return;
    address = next;
    element.hidden = !address;
    /** @type {any} */ (element).fetchNow = () => (image.src = address);
    if (!address) return;
    unseen.add(element);
    sight.observe(element);
  }
  return { element, show };
}

/** A text cut after some lines, with a button for the rest. @param {Translate} t */
function foldedText(t) {
  const text = h('p', { class: 'card__text', dir: 'auto' });
  const more = h('button', { class: 'link-button', type: 'button', 'aria-expanded': 'false', hidden: true, onclick: toggle }, t('more'));
  const element = h('div', { hidden: true }, text, more);
  /** @type {any} */ (text).measured = measure;
  sizes.observe(text);

  function toggle() {
    const open = text.classList.toggle('is-open');
    more.setAttribute('aria-expanded', String(open));
    say(more, t(open ? 'less' : 'more'));
  }
  function measure() {
    if (!text.classList.contains('is-open')) more.hidden = text.scrollHeight <= text.clientHeight + 1;
  }
  /** @param {string} next */
  function show(next) {
    if (text.textContent === next) return;
    text.textContent = next;
    element.hidden = !next;
    measure();
  }
  return { element, show };
}

/** @param {Translate} t @param {string} titleId @param {(what: any) => void} act */
function manageMenu(t, titleId, act) {
  const button = (/** @type {string} */ what, /** @type {string} */ look) =>
    h('button', { class: `button button--small ${look}`, type: 'button', 'aria-describedby': titleId, onclick: () => act(what) }, t(what));
  return h('details', { class: 'card__manage' }, h('summary', { 'aria-describedby': titleId }, t('manage')), h('div', { class: 'card__tools' },
    button('edit', 'button--tint'), button('attendees', 'button--tint'),
    button('cancel', 'button--danger'), button('delete', 'button--danger')));
}
