/**
 * Makes DOM nodes from plain values. Text stays text: there is no way to pass markup through here,
 * so a title such as `<img onerror=…>` is shown as the letters it is made of.
 */

const SVG = 'http://www.w3.org/2000/svg';

/** Outlines drawn in a 24 × 24 box, stroked in the colour of the text around them. */
const OUTLINES = {
  back: 'M15 5l-7 7 7 7',
  calendar: 'M5 6h14v14H5zM5 10.5h14M9 3.5v4M15 3.5v4M12 13v4.5M9.75 15.25h4.5',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  clock: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.5V12l3 2',
  close: 'M6 6l12 12M18 6L6 18',
  closed: 'M6 10.5h12v9.5H6zM8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5M12 14v2.5',
  link: 'M10 14l4-4M8.5 11.5l-2 2a3.2 3.2 0 0 0 4.5 4.5l2-2M15.5 12.5l2-2A3.2 3.2 0 0 0 13 6l-2 2',
  open: 'M6 10.5h12v9.5H6zM8.5 10.5V7a3.5 3.5 0 0 1 6.8-1.2M12 14v2.5',
  people: 'M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 19.5c.4-3.3 3-5 6.5-5s6.1 1.7 6.5 5M15.5 4.8a3.5 3.5 0 0 1 0 6.4M17.5 14.8c2.3.6 3.7 2.2 4 4.7',
  place: 'M12 21c4.5-4.6 7-8 7-11a7 7 0 1 0-14 0c0 3 2.5 6.4 7 11zM12 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  plus: 'M12 5v14M5 12h14',
  repeat: 'M4 11V9.5A3.5 3.5 0 0 1 7.5 6H19M16 3l3 3-3 3M20 13v1.5a3.5 3.5 0 0 1-3.5 3.5H5M8 21l-3-3 3-3',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L20 20',
  share: 'M12 15V4M8 7.5L12 3.5l4 4M6 11.5H5V20h14v-8.5h-1',
};

/**
 * An element with attributes and children.
 *
 * - `onclick`, `oninput`, … take a function;
 * - `true` sets a bare attribute, `false`, `null` and `undefined` leave it out;
 * - children are nodes, text, numbers, or arrays of them; `null` and `false` are skipped.
 *
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...any} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...nodes(children));
  return element;
}

/** @param {HTMLElement} element @param {string} name @param {any} value */
function set(element, name, value) {
  if (typeof value === 'function') element.addEventListener(name.slice(2), value);
  else if (name === 'value') /** @type {HTMLInputElement} */ (element).value = value;
  else if (value === true) element.setAttribute(name, '');
  else if (value !== false && value != null) element.setAttribute(name, String(value));
}

/** @param {any[]} children @returns {(Node | string)[]} */
function nodes(children) {
  return children
    .flat(Infinity)
    .filter((child) => child != null && child !== false && child !== '')
    .map((child) => (child instanceof Node ? child : String(child)));
}

/** Puts `children` in the place of whatever `element` holds. */
export function fill(element, ...children) {
  element.replaceChildren(...nodes(children));
  return element;
}

/** Sets the text of `element` only when it differs, so that screen readers stay quiet. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * A picture of a word that stands beside it or is given as `aria-label`: hidden from screen readers.
 * @param {keyof typeof OUTLINES} name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', OUTLINES[name]);
  svg.append(path);
  return svg;
}

/** Makes `children` the children of `parent`, moving only what is not in its place. @param {HTMLElement} parent @param {Element[]} children */
export function place(parent, children) {
  children.forEach((child, at) => parent.children[at] !== child && parent.insertBefore(child, parent.children[at] ?? null));
  while (parent.children.length > children.length) parent.lastElementChild?.remove();
}

/** Moving a card must not take the keyboard away from it. @param {() => void} change */
export function keepFocus(change) {
  const before = document.activeElement;
  change();
  if (before instanceof HTMLElement && before !== document.activeElement && before.isConnected) before.focus({ preventScroll: true });
}

/**
 * Loads a style sheet that the first view does not need.
 * @param {string | URL} address
 * @returns {Promise<void>} settled when it is in force, or when it failed
 */
export function stylesheet(address) {
  const href = String(address);
  if ([...document.styleSheets].some((sheet) => sheet.href === href)) return Promise.resolve();
  return new Promise((done) => {
    document.head.append(h('link', { rel: 'stylesheet', href, onload: () => done(), onerror: () => done() }));
  });
}
