/** Languages: which one a person reads, and the sentences of a mini app in it. */

/** @typedef {string | Record<string, string>} Sentence a text, or one text per plural category */
/** @typedef {Record<string, Record<string, Sentence>>} Table sentences by language and key */
/** @typedef {(key: string, values?: Record<string, string | number>) => string} Translate */

/**
 * The first language of `wishes` that the table has.
 * @param {Table} table @param {(string | null | undefined)[]} wishes such as `de` or `pt-BR`, best first
 * @returns {string | null}
 */
export function choose(table, wishes) {
  const bases = wishes.map((wish) => String(wish ?? '').toLowerCase().split(/[-_]/)[0]);
  return bases.find((base) => Object.hasOwn(table, base)) ?? null;
}

/**
 * How dates and numbers are written: the browser's own variant of the language if it has one, so
 * that people in London and New York both get their clocks.
 * @param {string} language
 */
export function localeOf(language) {
  return navigator.languages.find((tag) => tag.toLowerCase().split('-')[0] === language) ?? language;
}

/**
 * `t('places', { n: 3 })` gives the sentence of that key; `{n}` and other names in braces are
 * filled in, and `n` chooses the plural form.
 * @param {Table} table @param {string} language @returns {Translate}
 */
export function translator(table, language) {
  const sentences = { ...table.en, ...table[language] };
  const rules = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(localeOf(language));
  return (key, values = {}) => {
    const entry = sentences[key] ?? key;
    const text = typeof entry === 'string' ? entry : entry[rules.select(Number(values.n))] ?? entry.other;
    return text.replace(/\{(\w+)\}/g, (whole, name) => {
      const value = values[name] ?? whole;
      return typeof value === 'number' ? numbers.format(value) : value;
    });
  };
}

/**
 * A text of somebody else inside a sentence of ours: its writing direction stays its own.
 * @param {string} text
 */
export const quoted = (text) => `\u2068${text}\u2069`;
