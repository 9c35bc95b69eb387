/** Parts of the pages that need no browser: colours, CSV, pictures, days, wishes, sentences. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';

const www = new URL('../../www/', import.meta.url);
const part = (path) => import(new URL(path, www));

const { contrast, palette, parse } = await part('lib/theme.js');
const { Events, foresee } = await part('apps/mini_event/events.js');
const { arrange, clock, dayName, nextChange } = await part('apps/mini_event/when.js');
const apps = fs.readdirSync(new URL('apps', www)).filter((name) => fs.existsSync(new URL(`apps/${name}/i18n.js`, www)));
/** The sentences of every mini app. @type {Record<string, any>} */
const tables = Object.fromEntries(await Promise.all(apps.map(async (name) => [name, (await part(`apps/${name}/i18n.js`)).sentences])));
const { Servers } = await part('apps/conferences/servers.js');
const { percent, span } = await part('apps/conferences/span.js');
const { shape } = await part('components/sparkline/sparkline.js');
const { fault, kind } = await part('components/event-form/picture.js');

test('every colour of every theme can be read', () => {
  const pairs = [['text', 'card'], ['text', 'page'], ['hint', 'card'], ['hint', 'page'], ['link', 'card'], ['link', 'page'], ['danger', 'card'], ['button-text', 'button'], ['tint-text', 'tint'], ['danger', 'danger-tint'], ['text', 'danger-tint'], ['good', 'good-tint']];
  const greys = ['#000000', '#444444', '#777777', '#888888', '#bbbbbb', '#ffffff', '#ff0000', '#ffff00', '#0000ff'];
  for (const bg_color of greys) for (const other of greys) for (const ink of greys) {
    const colours = palette({ bg_color, secondary_bg_color: other, text_color: ink, hint_color: ink, link_color: ink, button_color: other, button_text_color: ink, destructive_text_color: ink });
    for (const [over, under] of pairs) {
      const got = contrast(parse(colours[`--${over}`]), parse(colours[`--${under}`]));
      assert.ok(got >= 4.5, `${over} on ${under}: ${got.toFixed(2)} with ${bg_color}, ${other}, ${ink}`);
    }
  }
});

test('colours that can be read stay as they are', () => {
  const colours = palette({ bg_color: '#ffffff', secondary_bg_color: '#f0f0f0', text_color: '#222222', button_color: '#0b5394', button_text_color: '#ffffff' });
  assert.equal(colours['--text'], '#222222');
  assert.equal(colours['--button'], '#0b5394');
});

for (const [app, sentences] of Object.entries(tables)) {
  test(`a language lacks no sentence and no plural form: ${app}`, () => {
    const keys = Object.keys(sentences.en);
    for (const [language, table] of Object.entries(sentences)) {
      assert.deepEqual(Object.keys(table), keys, language);
      const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
      for (const [key, sentence] of Object.entries(table)) {
        const names = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
        const model = typeof sentences.en[key] === 'string' ? sentences.en[key] : sentences.en[key].other;
        const forms = typeof sentence === 'string' ? [sentence] : Object.values(sentence);
        if (typeof sentence !== 'string') assert.deepEqual(categories.filter((category) => !sentence[category]), [], `${language} ${key}`);
        for (const form of forms) assert.deepEqual(names(form), names(model), `${language} ${key}`);
      }
    }
  });
}

test('every sentence is used, and none is missing', () => {
  const sources = fs.readdirSync(www, { recursive: true }).filter((name) => name.endsWith('.js') && !name.endsWith('i18n.js'));
  const text = sources.map((name) => fs.readFileSync(new URL(name, www), 'utf8')).join('\n');
  // Made of parts, or words of the server that are looked up as they come.
  const composed = ['csv_going', 'csv_waitlisted', 'f_date', 'f_time', 'f_title', 'f_description', 'f_duration', 'f_until', 'f_timezone', 'f_location', 'f_capacity', 'f_repeat',
    'up', 'down', 'unknown', 'off', 'stopped', 'gone', 'replaced', 'failed', 'unclear',
    'cannot-resolve', 'refused', 'unreachable', 'timed-out', 'connection-broke', 'credentials', 'not-found', 'not-offered', 'malformed', 'aborted'];
  const known = new Set(Object.values(tables).flatMap((table) => Object.keys(table.en)));
  for (const key of known) assert.ok(composed.includes(key) || key.startsWith('tls-') || text.includes(`'${key}'`), `nobody says ${key}`);
  for (const [, key] of text.matchAll(/\bt\('([a-z_]+)'/g)) assert.ok(known.has(key), `there is no sentence ${key}`);
});

test('no page builds markup from text', () => {
  const sources = fs.readdirSync(www, { recursive: true }).filter((name) => name.endsWith('.js'));
  for (const name of sources) assert.doesNotMatch(fs.readFileSync(new URL(name, www), 'utf8'), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/, name);
});

test('pictures are known by their first bytes', () => {
  const bytes = (...parts) => new Uint8Array(Buffer.concat(parts.map((each) => Buffer.from(each, 'latin1'))));
  assert.equal(kind(bytes('\x89PNG\r\n\x1a\n', '....')), 'png');
  assert.equal(kind(bytes('\xff\xd8\xff\xe0', '........')), 'jpg');
  assert.equal(kind(bytes('RIFF', '\x10\x00\x00\x00', 'WEBP')), 'webp');
  for (const text of ['', 'GIF89a......', '<svg xmlns=', 'RIFF....WAVE', '\xff\xd8']) assert.equal(kind(bytes(text)), null, text);
});

test('pictures must be wide, 16:9 and small', () => {
  const rows = [
    [400, 225, 1000, null], [1280, 720, 524_288, null], [1280, 720, 524_289, 'w_size'], [399, 224, 1000, 'w_width'],
    [800, 600, 1000, 'w_ratio'], [1600, 918, 1000, null], [1600, 919, 1000, 'w_ratio'], [1600, 883, 1000, null], [1600, 880, 1000, 'w_ratio'],
  ];
  for (const [width, height, size, key] of rows) assert.equal(fault({ width, height, bytes: size })?.key ?? null, key, `${width} × ${height}, ${size}`);
});

const event = (id, starts_at, ends_at, more = {}) => ({ id, title: `E${id}`, starts_at, ends_at, timezone: 'UTC', duration: 1, attendees: 0, waiting: 0, capacity: null, state: 'none', cancelled_dates: [], ...more });

test('events are arranged by day and time, whatever order they come in', () => {
  const now = new Date('2026-11-21T12:00:00Z');
  const events = [
    event(3, '2026-11-23T09:00:00Z', '2026-11-23T10:00:00Z'), event(1, '2026-11-20T09:00:00Z', '2026-11-24T10:00:00Z'),
    event(2, '2026-11-23T08:00:00Z', '2026-11-23T10:00:00Z'), event(4, '2026-11-01T08:00:00Z', '2026-11-01T10:00:00Z'), event(5, '2026-11-02T08:00:00Z', '2026-11-02T10:00:00Z'),
  ];
  const { days, past } = arrange(events, now);
  assert.deepEqual(days.map((day) => day.events.map((each) => each.id)), [[1], [2, 3]]);
  assert.deepEqual(past.map((each) => each.id), [5, 4]);
  assert.ok(nextChange(events, now) <= 6 * 3_600_000);
});

test('days are named by how near they are', () => {
  const now = new Date('2026-11-21T12:00:00');
  assert.equal(dayName(new Date('2026-11-21T23:00:00'), now, 'en').near, 'Today');
  assert.equal(dayName(new Date('2026-11-22T00:30:00'), now, 'de').near, 'Morgen');
  assert.equal(dayName(new Date('2026-11-23T00:30:00'), now, 'ru').near, '');
  assert.match(dayName(new Date('2027-01-05T00:30:00'), now, 'es').date, /2027/);
});

test('an unknown zone does not break a card', () => {
  const odd = event(1, '2026-11-23T09:00:00Z', '2026-11-23T10:00:00Z', { timezone: 'Mars/Olympus' });
  assert.ok(clock(odd, 'en', false).there.includes('–'));
});

test('what is asked for is foreseen as the server will decide it', () => {
  const rows = [
    [{ attendees: 1 }, true, { state: 'going', attendees: 2, waiting: 0 }],
    [{ attendees: 2, capacity: 2 }, true, { state: 'waitlisted', attendees: 2, waiting: 1 }],
    [{ attendees: 2, state: 'going' }, false, { state: 'none', attendees: 1, waiting: 0 }],
    [{ attendees: 2, capacity: 2, waiting: 3, state: 'going' }, false, { state: 'none', attendees: 2, waiting: 2 }],
    [{ attendees: 2, capacity: 2, waiting: 3, state: 'waitlisted' }, false, { state: 'none', attendees: 2, waiting: 2 }],
  ];
  for (const [fields, going, expected] of rows) {
    const { state, attendees, waiting } = foresee(event(1, '', '', fields), { going, sent: true });
    assert.deepEqual({ state, attendees, waiting }, expected);
  }
});

test('a snapshot replaces everything at once, and open wishes are sent again', () => {
  const events = new Events();
  events.begin();
  events.put(event(1, '', ''));
  events.put(event(2, '', ''));
  assert.deepEqual(events.all(), []);
  assert.deepEqual(events.loaded(), []);
  assert.equal(events.all().length, 2);
  events.wish(1, true, false);
  events.wish(2, true, true);
  events.begin();
  events.put(event(1, '', ''));
  assert.equal(events.all().length, 2);
  assert.deepEqual(events.loaded(), [[1, { going: true, sent: false }]]);
  assert.deepEqual(events.all().map((each) => [each.id, each.state]), [[1, 'going']]);
  events.put(event(1, '', '', { state: 'going', attendees: 1 }));
  assert.equal(events.wished(1), undefined);
});

test('a curve has gaps where nothing is known and marks where it failed', () => {
  assert.deepEqual(shape([]), { lines: [], dots: [], failures: [] });
  assert.deepEqual(shape([null, null]), { lines: [], dots: [], failures: [] });
  const { lines, dots, failures } = shape([10, 20, null, 20, -1, 0, 10]);
  assert.deepEqual(lines, ['2,18 41.3,2', '198.7,34 238,18']);
  assert.deepEqual(dots, [[120, 2]]);
  assert.deepEqual(failures, [159.3]);
  assert.deepEqual(shape([5]).dots, [[2, 2]]);
});

test('lengths of time have two units at most and shares never round an outage away', () => {
  const now = new Date('2026-11-21T12:00:00Z');
  const rows = [['2026-11-21T11:59:30Z', ''], ['2026-11-21T11:35:00Z', '25m'], ['2026-11-21T08:48:00Z', '3h 12m'], ['2026-11-21T09:00:00Z', '3h'], ['2026-11-19T09:59:00Z', '2d 2h'], ['2026-11-21T13:00:00Z', '']];
  for (const [since, expected] of rows) assert.equal(span(since, now, 'en').replaceAll('\u00a0', ' '), expected, since);
  assert.equal(span(null, now, 'en'), '');
  for (const [share, expected] of [[1, '100%'], [0.999999, '99.99%'], [0.5, '50%'], [0, '0%'], [null, '–']]) assert.equal(percent(share, 'en'), expected);
});

test('servers of a snapshot replace those before, and what was fetched beyond a frame is kept once', () => {
  const servers = new Servers();
  const put = (id, name, keys, running) => servers.put({ id, name, state: 'up', running, conferences: keys.map((key) => ({ key })), stops: [], questions: [] });
  servers.begin();
  put(2, 'b10', [], 0);
  put(1, 'b2', ['a', 'b'], 5);
  assert.deepEqual(servers.all(), []);
  servers.loaded();
  assert.deepEqual(servers.all().map(({ id }) => id), [1, 2]);
  servers.extend(1, 2, [{ key: 'c' }, { key: 'd' }]);
  servers.extend(1, 3, [{ key: 'd' }, { key: 'e' }]);
  const keys = () => servers.conferences(servers.get(1)).map(({ key }) => key);
  assert.deepEqual(keys(), ['a', 'b', 'c', 'd', 'e']);
  put(1, 'b2', ['b', 'c'], 4);
  assert.deepEqual(keys(), ['b', 'c', 'd', 'e']);
  put(1, 'b2', ['b'], 1);
  assert.deepEqual(keys(), ['b']);
  servers.begin();
  servers.loaded();
  assert.deepEqual(servers.all(), []);
});
