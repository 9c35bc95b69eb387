/**
 * Colours that can be read. Telegram lets people make their own themes, and some put grey on grey:
 * every text colour with less than 4.5:1 against what it stands on is moved until it has that
 * (WCAG 2.2, 1.4.3). The result goes into the variables `styles/base.css` is written with.
 */

/** Least contrast of text, WCAG 1.4.3. */
const TEXT = 4.5;

/** Least contrast of the edge of a field, WCAG 1.4.11. */
const EDGE = 3;

/** What Telegram itself looks like by day and by night, for what a theme leaves out. */
const DEFAULTS = {
  light: {
    bg_color: '#ffffff', secondary_bg_color: '#f1f1f5', text_color: '#101214', hint_color: '#65686d',
    link_color: '#1068b0', button_color: '#1a73b8', button_text_color: '#ffffff', destructive_text_color: '#c62f2b',
  },
  dark: {
    bg_color: '#1c1f24', secondary_bg_color: '#111317', text_color: '#f4f5f7', hint_color: '#9aa1aa',
    link_color: '#6ab3f3', button_color: '#2b76b5', button_text_color: '#ffffff', destructive_text_color: '#ff7b72',
  },
};

/** The colour of good news, which no theme names. @type {Colour} */
const GOOD = [34, 139, 74];

/** @typedef {[number, number, number]} Colour red, green, blue, 0 to 255 */

/**
 * @param {unknown} text `#rgb` or `#rrggbb`
 * @returns {Colour | null} null for anything else
 */
export function parse(text) {
  const match = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(String(text ?? '').trim());
  if (!match) return null;
  const digits = match[1].length === 3 ? match[1].replace(/./g, '$&$&') : match[1];
  return /** @type {Colour} */ ([0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16)));
}

/** @param {Colour} colour */
const print = (colour) => '#' + colour.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('');

/** `share` of `over` laid on the rest of `under`. @param {Colour} over @param {Colour} under @param {number} share @returns {Colour} */
const mix = (over, under, share) => /** @type {Colour} */ (over.map((part, i) => Math.round(part * share + under[i] * (1 - share))));

/** Relative luminance, WCAG 2.2. @param {Colour} colour */
function luminance(colour) {
  const [r, g, b] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @param {Colour} one @param {Colour} other @returns {number} 1 to 21 */
export function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/**
 * `colour`, moved toward black or white by the smallest step that gives it `least` contrast to all
 * of `grounds`; the better end of the scale when none does.
 * @param {Colour} colour @param {Colour[]} grounds @param {number} [least] @returns {Colour}
 */
export function readable(colour, grounds, least = TEXT) {
  const worst = (/** @type {Colour} */ candidate) => Math.min(...grounds.map((ground) => contrast(candidate, ground)));
  /** @type {Colour[]} */
  const ends = [[0, 0, 0], [255, 255, 255]];
  for (let step = 0; step <= 20; step += 1) {
    for (const end of ends) {
      const candidate = mix(end, colour, step / 20);
      if (worst(candidate) >= least) return candidate;
    }
  }
  return worst(ends[0]) > worst(ends[1]) ? ends[0] : ends[1];
}

/** @param {Record<string, string>} params @returns {'light' | 'dark'} */
export function scheme(params) {
  const ground = parse(params.bg_color);
  return ground && luminance(ground) < 0.2 ? 'dark' : 'light';
}

/**
 * The variables of `base.css` for one theme.
 * @param {Record<string, string>} params Telegram's `themeParams`; any of them may be missing
 * @returns {Record<string, string>}
 */
export function palette(params) {
  const defaults = DEFAULTS[scheme(params)];
  const given = (/** @type {string[]} */ ...names) => {
    for (const name of names) {
      const colour = parse(params[name]);
      if (colour) return colour;
    }
    return /** @type {Colour} */ (parse(defaults[names[names.length - 1]]));
  };
  const card = given('section_bg_color', 'bg_color');
  const page = companion(given('secondary_bg_color'), card);
  const grounds = [card, page];
  const text = readable(given('text_color'), grounds);
  const link = readable(given('accent_text_color', 'link_color'), grounds);
  const buttonText = given('button_text_color');
  const button = readable(given('button_color'), [buttonText]);
  const danger = soft(given('destructive_text_color'), text, grounds);
  const good = soft(GOOD, text, grounds);
  const tint = soft(given('accent_text_color', 'link_color'), text, grounds);
  const colours = {
    page, card, text, link, button,
    field: card,
    hint: readable(given('subtitle_text_color', 'hint_color'), grounds),
    line: mix(text, card, 0.12),
    edge: readable(mix(text, card, 0.4), grounds, EDGE),
    'button-text': buttonText,
    tint: tint.ground, 'tint-text': tint.ink,
    danger: danger.ink, 'danger-tint': danger.ground,
    good: good.ink, 'good-tint': good.ground,
  };
  return Object.fromEntries(Object.entries(colours).map(([name, colour]) => [`--${name}`, print(colour)]));
}

/**
 * A ground with a touch of `colour`, and that colour as ink on it and on the others. Where every
 * touch would be too much for the ink or the plain text, the ground stays that of a card.
 * @param {Colour} colour @param {Colour} text @param {Colour[]} grounds the first one is touched
 */
function soft(colour, text, grounds) {
  for (const share of [0.13, 0.07]) {
    const ground = mix(colour, grounds[0], share);
    const ink = readable(colour, [ground, ...grounds]);
    if (contrast(ink, ground) >= TEXT && contrast(text, ground) >= TEXT) return { ground, ink };
  }
  return { ground: grounds[0], ink: readable(colour, grounds) };
}

/** The page's own ground, unless no one text colour could be read on both it and a card. @param {Colour} page @param {Colour} card */
function companion(page, card) {
  const text = readable([128, 128, 128], [page, card]);
  return Math.min(contrast(text, page), contrast(text, card)) >= TEXT ? page : card;
}

/**
 * Puts a theme in force; without one the style sheet's own colours stay, which follow the system.
 * @param {Record<string, string> | null} params
 */
export function wear(params) {
  const root = document.documentElement;
  if (!params || !parse(params.bg_color)) return;
  for (const [name, value] of Object.entries(palette(params))) root.style.setProperty(name, value);
  root.style.setProperty('color-scheme', scheme(params));
}
