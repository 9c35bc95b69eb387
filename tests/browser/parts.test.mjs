/** Parts of the pages that need no browser: colours, CSV, pictures, days, wishes, sentences. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';

const www = new URL('../../www/', import.meta.url);
const part = (path) => import(new URL(path, www));

const { contrast, palette, parse } = await part('lib/theme.js');
const { Events, foresee } = await part('apps/mini_event/events.js');
const { arrange, clock, dayName, nextChange } = await part('apps/mini_event/when.js');
const { sentences } = await part('apps/mini_event/i18n.js');
const { sentences: secrets } = await part('apps/secrets/i18n.js');
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

for (const [app, table] of Object.entries({ mini_event: sentences, secrets })) {
  test(`a language of ${app} lacks no sentence and no plural form`, () => {
    const keys = Object.keys(table.en);
    for (const [language, own] of Object.entries(table)) {
      assert.deepEqual(Object.keys(own), keys, language);
      const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
      for (const [key, sentence] of Object.entries(own)) {
        const names = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
        const model = typeof table.en[key] === 'string' ? table.en[key] : table.en[key].other;
        const forms = typeof sentence === 'string' ? [sentence] : Object.values(sentence);
        if (typeof sentence !== 'string') assert.deepEqual(categories.filter((category) => !sentence[category]), [], `${language} ${key}`);
        for (const form of forms) assert.deepEqual(names(form), names(model), `${language} ${key}`);
      }
    }
  });
}

/** The scripts below `www` whose names fit. */
const scripts = (fits) => fs.readdirSync(www, { recursive: true }).filter((name) => name.endsWith('.js') && !name.endsWith('i18n.js') && fits(name)).map((name) => fs.readFileSync(new URL(name, www), 'utf8')).join('\n');

test('every sentence is used, and none is missing', () => {
  const composed = ['csv_going', 'csv_waitlisted', 'f_date', 'f_time', 'f_title', 'f_description', 'f_duration', 'f_until', 'f_timezone', 'f_location', 'f_capacity', 'f_repeat'];
  const own = (name) => name.startsWith('apps/secrets/');
  for (const [table, text] of [[sentences, scripts((name) => !own(name))], [secrets, scripts(own)]]) {
    for (const key of Object.keys(table.en)) assert.ok(composed.includes(key) || text.includes(`'${key}'`), `nobody says ${key}`);
    for (const [, key] of text.matchAll(/\bt\('([a-z_]+)'/g)) assert.ok(key in table.en, `there is no sentence ${key}`);
  }
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
