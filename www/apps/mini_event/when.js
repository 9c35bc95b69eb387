/** Days and clocks: how events are grouped, sorted and dated for the person who looks at them. */

/** @typedef {import('./events.js').Event} Event */
/** @typedef {{key: string, day: Date, events: Event[]}} Day */

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Longest delay that timers keep. */
const LONGEST_WAIT_MS = 6 * 60 * MINUTE_MS;

/** @type {Map<string, Intl.DateTimeFormat>} formats are slow to make and few */
const formats = new Map();

/** @param {string} locale @param {Intl.DateTimeFormatOptions} options */
function format(locale, options) {
  const key = JSON.stringify([locale, options]);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale, options));
  return /** @type {Intl.DateTimeFormat} */ (formats.get(key));
}

/** The zone of the person who looks. */
export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** @param {string} zone @returns {boolean} whether this browser can reckon in it */
function knows(zone) {
  try {
    format('en', { timeZone: zone });
    return Boolean(zone);
  } catch {
    return false;
  }
}

/** `YYYY-MM-DD` of an instant, in `zone` or in the zone of the person. @param {Date} date @param {string} [zone] */
export const dateKey = (date, zone) => format('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit', timeZone: zone }).format(date);

/** @param {Event} event */
export const starts = (event) => new Date(event.starts_at);
/** @param {Event} event */
export const ends = (event) => new Date(event.ends_at);
/** @param {Event} event @param {Date} now */
export const isOver = (event, now) => ends(event) <= now;
/** @param {Event} event @param {Date} now */
export const isRunning = (event, now) => starts(event) <= now && now < ends(event);

/** Whether the occurrence shown was called off, alone or with the whole event. @param {Event} event */
export function isCancelled(event) {
  return event.cancelled || (event.cancelled_dates ?? []).includes(dateKey(starts(event), safeZone(event)));
}

/** @param {Event} event */
const safeZone = (event) => (knows(event.timezone) ? event.timezone : undefined);

/** Soonest first; what begins together goes by name. @param {Event} one @param {Event} other */
const bySoonest = (one, other) => starts(one).getTime() - starts(other).getTime() || one.title.localeCompare(other.title) || one.id - other.id;

/**
 * Events still to come by the viewer's days, and the past ones, latest first.
 * What began on an earlier day and still runs belongs to today.
 * @param {Event[]} events @param {Date} now @returns {{days: Day[], past: Event[]}}
 */
export function arrange(events, now) {
  const sorted = [...events].sort(bySoonest);
  /** @type {Map<string, Day>} */
  const days = new Map();
  for (const event of sorted.filter((each) => !isOver(each, now))) {
    const day = starts(event) < now ? now : starts(event);
    const key = dateKey(day);
    if (!days.has(key)) days.set(key, { key, day, events: [] });
    days.get(key)?.events.push(event);
  }
  return {
    days: [...days.values()].sort((one, other) => one.key.localeCompare(other.key)),
    past: sorted.filter((each) => isOver(each, now)).reverse(),
  };
}

/** Milliseconds until something here begins, ends, or a new day does. @param {Event[]} events @param {Date} now */
export function nextChange(events, now) {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1).getTime();
  const instants = events.flatMap((event) => [starts(event).getTime(), ends(event).getTime()]);
  const next = Math.min(midnight, ...instants.filter((instant) => instant > now.getTime()));
  return Math.min(next - now.getTime() + 50, LONGEST_WAIT_MS);
}

/**
 * The heading of a day: how near it is, if it is near, and its date.
 * @param {Date} day @param {Date} now @param {string} locale @returns {{near: string, date: string}}
 */
export function dayName(day, now, locale) {
  const away = Math.round((noon(day) - noon(now)) / DAY_MS);
  const sameYear = day.getFullYear() === now.getFullYear();
  const date = format(locale, { weekday: 'long', day: 'numeric', month: 'long', year: sameYear ? undefined : 'numeric' }).format(day);
  const near = Math.abs(away) <= 1 ? capital(new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(away, 'day'), locale) : '';
  return { near, date: capital(date, locale) };
}

/** @param {Date} date */
const noon = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate(), 12).getTime();

/** @param {string} text @param {string} locale */
const capital = (text, locale) => text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);

/**
 * From when to when, on the clock of the event; and on the viewer's if that shows something else.
 * @param {Event} event @param {string} locale @param {boolean} dated whether to name the day too
 * @returns {{there: string, zone: string, here: string}} `zone` and `here` are empty when the clocks agree
 */
export function clock(event, locale, dated) {
  const zone = safeZone(event);
  const there = span(event, locale, zone, dated);
  if (span(event, 'en-CA', zone, true) === span(event, 'en-CA', undefined, true)) return { there, zone: '', here: '' };
  const apart = dateKey(starts(event), zone) !== dateKey(starts(event));
  return { there: span(event, locale, zone, dated || apart), zone: city(event.timezone), here: span(event, locale, undefined, dated || apart) };
}

/** @param {Event} event @param {string} locale @param {string | undefined} zone @param {boolean} dated */
function span(event, locale, zone, dated) {
  const oneDay = dateKey(starts(event), zone) === dateKey(ends(event), zone) || event.duration < 12;
  /** @type {Intl.DateTimeFormatOptions} */
  const time = { hour: 'numeric', minute: '2-digit', timeZone: zone };
  /** @type {Intl.DateTimeFormatOptions} */
  const date = { weekday: 'short', day: 'numeric', month: 'short' };
  const first = format(locale, dated || !oneDay ? { ...date, ...time } : time).format(starts(event));
  const last = format(locale, oneDay ? time : { ...date, ...time }).format(ends(event));
  return `${first} – ${last}`;
}

/** `America/New_York` is read as `New York`. @param {string} zone */
export const city = (zone) => zone.split('/').at(-1)?.replaceAll('_', ' ') ?? zone;

/** @param {number} hours @param {string} locale */
export const length = (hours, locale) =>
  new Intl.NumberFormat(locale, { style: 'unit', unit: 'hour', unitDisplay: 'long', maximumFractionDigits: 2 }).format(hours);

/** A calendar date such as `2026-12-24`, in words. @param {string} key @param {string} locale */
export const dateName = (key, locale) =>
  format(locale, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${key}T12:00:00Z`));

/** An instant, in words, on the viewer's clock. @param {string} instant RFC 3339 @param {string} locale */
export const momentName = (instant, locale) => format(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(instant));
