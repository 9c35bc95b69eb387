/** Lengths of time and shares of it, in words. */

const UNITS = /** @type {[string, number][]} */ ([['day', 86_400], ['hour', 3600], ['minute', 60]]);

/**
 * The time since `since` in its two largest units: `2d 3h`.
 * @param {string | null} since RFC 3339 @param {Date} now @param {string} locale @returns {string} empty below a minute and without `since`
 */
export function span(since, now, locale) {
  if (!since) return '';
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(since)) / 1000));
  const at = UNITS.findIndex(([, length]) => seconds >= length);
  if (at < 0) return '';
  const [[name, length], rest] = [UNITS[at], UNITS[at + 1]];
  const parts = [unit(name, Math.floor(seconds / length), locale)];
  const left = rest ? Math.floor((seconds % length) / rest[1]) : 0;
  if (left > 0) parts.push(unit(rest[0], left, locale));
  return parts.join('\u00a0');
}

/** @param {string} name @param {number} count @param {string} locale */
const unit = (name, count, locale) =>
  new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'narrow' }).format(count).replaceAll(' ', '\u00a0');

/** A share of the time as a percentage that never rounds an outage away. @param {number | null} share @param {string} locale */
export function percent(share, locale) {
  if (share == null) return '–';
  const whole = share >= 1 ? 1 : Math.min(share, 0.9999);
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2 }).format(whole);
}
