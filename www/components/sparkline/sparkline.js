/** A line of numbers over time, drawn as an inline picture: gaps where nothing is known, marks where it failed. */

const SVG = 'http://www.w3.org/2000/svg';

/** The box it is drawn in; it is stretched to the width there is. */
const WIDTH = 240;
const HEIGHT = 36;

/** Room for the stroke at the edges. */
const EDGE = 2;

/** @typedef {(number | null)[]} Values the oldest first; −1 where it failed, null where nothing is known */

/** @param {Values} values @param {string} label what it says, for those who do not see it */
export function sparkline(values, label) {
  const svg = node('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', class: 'sparkline', role: 'img', 'aria-label': label });
  const { lines, dots, failures } = shape(values);
  svg.append(node('path', { class: 'sparkline__base', d: `M0 ${HEIGHT - EDGE / 2}H${WIDTH}` }));
  for (const points of lines) svg.append(node('polyline', { class: 'sparkline__line', points }));
  for (const [x, y] of dots) svg.append(node('path', { class: 'sparkline__dot', d: `M${x} ${y}h0` }));
  for (const x of failures) svg.append(node('path', { class: 'sparkline__failure', d: `M${x} ${EDGE}V${HEIGHT - EDGE}` }));
  return svg;
}

/**
 * The parts of the drawing: runs of neighbours become lines, lonely values dots.
 * @param {Values} values @returns {{lines: string[], dots: [number, number][], failures: number[]}}
 */
export function shape(values) {
  const known = values.filter((value) => value != null && value >= 0);
  const top = Math.max(...known.map(Number), 1);
  const step = values.length > 1 ? (WIDTH - 2 * EDGE) / (values.length - 1) : 0;
  const x = (/** @type {number} */ at) => round(EDGE + at * step);
  const y = (/** @type {number} */ value) => round(HEIGHT - EDGE - (value / top) * (HEIGHT - 2 * EDGE));
  const lines = [];
  /** @type {[number, number][]} */
  const dots = [];
  /** @type {[number, number][]} */
  let run = [];
  const end = () => {
    if (run.length === 1) dots.push(run[0]);
    if (run.length > 1) lines.push(run.map((point) => point.join(',')).join(' '));
    run = [];
  };
  values.forEach((value, at) => {
    if (value == null || value < 0) end();
    else run.push([x(at), y(value)]);
  });
  end();
  return { lines, dots, failures: values.flatMap((value, at) => (value != null && value < 0 ? [x(at)] : [])) };
}

/** @param {number} value */
const round = (value) => Math.round(value * 10) / 10;

/** @param {string} name @param {Record<string, string>} attributes */
function node(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
