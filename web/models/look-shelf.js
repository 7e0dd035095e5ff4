/**
 * The looks that a shopper keeps, in this browser only and as garment ids only: no picture, no measure of the body.
 */

export const STORAGE_KEY = "laufsteg.looks";

/** A shelf that one still overlooks; the oldest look makes room. */
export const SHELF_LIMIT = 24;

/** @typedef {{garments: readonly string[], saved: number}} SavedLook `saved` is epoch milliseconds */

export class LookShelf {
  #storage;
  /** @type {SavedLook[]} */
  #looks;

  /** @param {Pick<Storage, "getItem" | "setItem">} storage */
  constructor(storage) {
    this.#storage = storage;
    this.#looks = this.#read();
  }

  /** Newest first. @returns {readonly SavedLook[]} */
  get looks() {
    return this.#looks;
  }

  /** @param {readonly string[]} garments */
  has(garments) {
    return this.#looks.some((look) => same(look.garments, garments));
  }

  /**
   * Keeps a look; one that is there already moves to the front. Nothing worn is no look.
   * @param {readonly string[]} garments
   * @param {number} now epoch milliseconds
   */
  save(garments, now) {
    if (garments.length === 0) return;
    const others = this.#looks.filter((look) => !same(look.garments, garments));
    this.#looks = [{ garments: [...garments], saved: now }, ...others].slice(0, SHELF_LIMIT);
    this.#write();
  }

  /** @param {readonly string[]} garments */
  remove(garments) {
    this.#looks = this.#looks.filter((look) => !same(look.garments, garments));
    this.#write();
  }

  /** @returns {SavedLook[]} */
  #read() {
    try {
      const kept = JSON.parse(this.#storage.getItem(STORAGE_KEY) ?? "[]");
      return Array.isArray(kept) ? kept.filter(isLook).slice(0, SHELF_LIMIT) : [];
    } catch {
      return []; // spoilt by hand, or storage is switched off
    }
  }

  #write() {
    try {
      this.#storage.setItem(STORAGE_KEY, JSON.stringify(this.#looks));
    } catch {
      // A full or forbidden storage: the look stays for as long as the page does.
    }
  }
}

/** @param {any} look @returns {look is SavedLook} */
function isLook(look) {
  return (
    Array.isArray(look?.garments) &&
    look.garments.length > 0 &&
    look.garments.every((/** @type {unknown} */ id) => typeof id === "string") &&
    typeof look.saved === "number"
  );
}

/** @param {readonly string[]} a @param {readonly string[]} b */
function same(a, b) {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}
