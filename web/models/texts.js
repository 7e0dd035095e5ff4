/**
 * The page's words in one language: flat keys, `{name}` placeholders, plural forms as `key.one` / `key.other`, and
 * dates, times and money by Intl.
 */

/** @typedef {Readonly<Record<string, string>>} Table */
/** @typedef {{amount: number, currency: string}} Money minor units */

// The regions whose conventions a language's texts follow.
const LOCALES = /** @type {Record<string, string>} */ ({ en: "en-GB", de: "de-DE", zh: "zh-CN" });

export class Texts {
  #table;
  #plural;
  /** @type {Map<string, Intl.NumberFormat>} */
  #currencies = new Map();

  /**
   * @param {string} language "en" | "de" | "zh"
   * @param {Table} table
   */
  constructor(language, table) {
    this.language = language;
    this.locale = LOCALES[language] ?? language;
    this.#table = table;
    this.#plural = new Intl.PluralRules(this.locale);
  }

  /**
   * A text. A `count` among the values chooses the plural form. An unknown key answers itself, so that a missing text is seen.
   * @param {string} key
   * @param {Readonly<Record<string, string | number>>} [values]
   */
  say(key, values = {}) {
    const text = this.#table[this.#form(key, values["count"])] ?? this.#table[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => {
      const value = values[name];
      if (value === undefined) return whole;
      return typeof value === "number" ? this.number(value) : value;
    });
  }

  /** @param {string} key @param {string | number | undefined} count */
  #form(key, count) {
    if (typeof count !== "number") return key;
    const form = `${key}.${this.#plural.select(count)}`;
    return form in this.#table ? form : `${key}.other`;
  }

  /** @param {string} key */
  has(key) {
    return key in this.#table;
  }

  /** @param {number} value */
  number(value) {
    return new Intl.NumberFormat(this.locale).format(value);
  }

  /** A number that changes all the time: always with one digit behind the point. @param {number} value */
  tenths(value) {
    return new Intl.NumberFormat(this.locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);
  }

  /** @param {Money} money */
  money({ amount, currency }) {
    let format = this.#currencies.get(currency);
    if (!format) {
      format = new Intl.NumberFormat(this.locale, { style: "currency", currency });
      this.#currencies.set(currency, format);
    }
    return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
  }

  /** A day, written out. @param {string | number | Date} when */
  date(when) {
    return new Intl.DateTimeFormat(this.locale, { dateStyle: "long" }).format(new Date(when));
  }

  /** A day and a time. @param {string | number | Date} when */
  moment(when) {
    return new Intl.DateTimeFormat(this.locale, { dateStyle: "long", timeStyle: "short" }).format(new Date(when));
  }

  /** A time of day. @param {string | number | Date} when */
  time(when) {
    return new Intl.DateTimeFormat(this.locale, { timeStyle: "short" }).format(new Date(when));
  }

  /** A country's name. @param {string} code ISO 3166 */
  country(code) {
    return new Intl.DisplayNames(this.locale, { type: "region" }).of(code) ?? code;
  }
}

/**
 * A span of time as minutes and seconds, "0:07"; an hour and more as "1:02:03".
 * @param {number} ms
 */
export function span(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
