/**
 * What this page knows of the events: the server's last word, and on top of it what the person has
 * asked for and not been answered yet. No DOM, no clock, no socket in here.
 */

/** @typedef {'going' | 'waitlisted' | 'none'} Place */
/**
 * @typedef {object} Event one `event` frame
 * @property {number} id
 * @property {string} title
 * @property {string} description
 * @property {string} image address, or empty
 * @property {string} start `HH:MM` (daily) or `YYYY-MM-DD HH:MM`
 * @property {number} duration hours
 * @property {number} attendees
 * @property {string} starts_at RFC 3339, of the running or next occurrence
 * @property {string} ends_at RFC 3339
 * @property {string} timezone IANA name
 * @property {string} location
 * @property {number | null} capacity
 * @property {number} waiting
 * @property {Place} state
 * @property {boolean} cancelled
 * @property {string} cancel_reason
 * @property {'daily' | 'weekly' | 'monthly' | null} recurrence
 * @property {string | null} until `YYYY-MM-DD`
 * @property {string[]} cancelled_dates `YYYY-MM-DD`
 * @property {boolean} [asked] whether the state is only asked for, not yet answered
 */
/** @typedef {{going: boolean, sent: boolean}} Wish */

/** Places left; null when there is no limit. @param {Event} event */
export const placesLeft = (event) => (event.capacity == null ? null : Math.max(0, event.capacity - event.attendees));

export class Events {
  /** @type {Map<number, Event>} */
  #known = new Map();
  /** @type {Map<number, Event> | null} what has come of a snapshot; shown when it is whole */
  #arriving = null;
  /** @type {Map<number, Wish>} */
  #wishes = new Map();

  /** A snapshot follows: what is not in it is gone. */
  begin() {
    this.#arriving = new Map();
  }

  /** The snapshot is whole. @returns {[number, Wish][]} wishes it does not fulfil, to be sent (again) */
  loaded() {
    this.#known = this.#arriving ?? this.#known;
    this.#arriving = null;
    for (const id of this.#wishes.keys()) this.#settle(id);
    return [...this.#wishes];
  }

  /** @param {Event} event */
  put(event) {
    (this.#arriving ?? this.#known).set(event.id, event);
    if (!this.#arriving) this.#settle(event.id);
  }

  /** @param {number} id */
  remove(id) {
    this.#known.delete(id);
    this.#arriving?.delete(id);
    this.#wishes.delete(id);
  }

  /** @param {number} id @param {boolean} going @param {boolean} sent */
  wish(id, going, sent) {
    this.#wishes.set(id, { going, sent });
  }

  /** The server said no, or nothing: its own word counts again. @param {number} id @returns {boolean} whether there was a wish */
  refuse(id) {
    return this.#wishes.delete(id);
  }

  /** Forgets every wish. @returns {boolean} whether there was one */
  refuseAll() {
    const some = this.#wishes.size > 0;
    this.#wishes.clear();
    return some;
  }

  /** @param {number} id @returns {Event | undefined} as the server last said */
  get(id) {
    return this.#known.get(id);
  }

  /** @param {number} id */
  wished(id) {
    return this.#wishes.get(id);
  }

  /** Every event as the person should see it. @returns {Event[]} */
  all() {
    return [...this.#known.values()].map((event) => foresee(event, this.#wishes.get(event.id)));
  }

  /** @param {number} id */
  #settle(id) {
    const event = this.#known.get(id);
    const wish = this.#wishes.get(id);
    if (wish && (!event || (event.state !== 'none') === wish.going)) this.#wishes.delete(id);
  }
}

/** The event as it will be when the wish is granted. @param {Event} event @param {Wish} [wish] @returns {Event} */
export function foresee(event, wish) {
  if (!wish || (event.state !== 'none') === wish.going) return event;
  return { ...event, ...(wish.going ? joined(event) : left(event)), asked: true };
}

/** @param {Event} event @returns {Partial<Event>} */
function joined(event) {
  return placesLeft(event) === 0
    ? { state: 'waitlisted', waiting: event.waiting + 1 }
    : { state: 'going', attendees: event.attendees + 1 };
}

/** Who leaves a full event makes room for the first who waits. @param {Event} event @returns {Partial<Event>} */
function left(event) {
  if (event.state === 'waitlisted' || event.waiting > 0) return { state: 'none', waiting: Math.max(0, event.waiting - 1) };
  return { state: 'none', attendees: Math.max(0, event.attendees - 1) };
}
