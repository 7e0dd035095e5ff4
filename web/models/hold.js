/** What is reserved for this shopper, and for how long. The server's word counts; this only counts it down. */

/**
 * @typedef {object} Hold
 * @property {string} hold
 * @property {string} drop
 * @property {string} [state]
 * @property {string} sku
 * @property {string} variant
 * @property {string} title
 * @property {string} size
 * @property {number} quantity
 * @property {import("./texts.js").Money} price
 * @property {string} [picture]
 * @property {string} expires_at
 */

export class Holds {
  /** @type {Hold[]} */
  #holds = [];
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** Takes the server's list. @param {readonly Hold[]} holds */
  set(holds) {
    this.#holds = [...holds];
    this.#changed();
  }

  /** @param {Hold} hold */
  add(hold) {
    this.set([...this.#holds.filter((known) => known.hold !== hold.hold), hold]);
  }

  /** @param {string} id */
  remove(id) {
    this.set(this.#holds.filter((hold) => hold.hold !== id));
  }

  /** Those that still run. @param {number} now the server's time, epoch ms */
  running(now) {
    return this.#holds.filter((hold) => left(hold, now) > 0);
  }

  /**
   * Takes out those whose time is over and returns them, so that they can be told once.
   * @param {number} now the server's time, epoch ms
   */
  expire(now) {
    const over = this.#holds.filter((hold) => left(hold, now) <= 0);
    if (over.length) this.set(this.running(now));
    return over;
  }

  /** @param {string} drop @param {number} now */
  of(drop, now) {
    return this.running(now).find((hold) => hold.drop === drop);
  }
}

/** Milliseconds left. @param {Pick<Hold, "expires_at">} hold @param {number} now the server's time, epoch ms */
export function left(hold, now) {
  return Math.max(0, Date.parse(hold.expires_at) - now);
}
