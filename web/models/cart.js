/** The bag: variants and quantities, kept in this browser; prices and stock are the server's at every look. */

export const STORAGE_KEY = "laufsteg.bag";
/** The checkout's own limits. */
export const LINES_MAX = 40;
export const QUANTITY_MAX = 20;

/** @typedef {{variant: string, sku: string, quantity: number}} Line */

export class Cart {
  #storage;
  #changed;
  /** @type {Line[]} */
  #lines;

  /**
   * @param {Pick<Storage, "getItem" | "setItem">} storage
   * @param {() => void} [changed]
   */
  constructor(storage, changed = () => {}) {
    this.#storage = storage;
    this.#changed = changed;
    this.#lines = this.#read();
  }

  /** @returns {readonly Line[]} */
  get lines() {
    return this.#lines;
  }

  get count() {
    return this.#lines.reduce((sum, line) => sum + line.quantity, 0);
  }

  /**
   * One more of a variant.
   * @param {string} sku
   * @param {string} variant
   */
  add(sku, variant) {
    const known = this.#lines.find((line) => line.variant === variant);
    this.set(sku, variant, (known?.quantity ?? 0) + 1);
  }

  /**
   * So many of a variant; 0 takes it out.
   * @param {string} sku
   * @param {string} variant
   * @param {number} quantity
   */
  set(sku, variant, quantity) {
    const line = { variant, sku, quantity: Math.min(QUANTITY_MAX, quantity) };
    const at = this.#lines.findIndex((known) => known.variant === variant);
    if (quantity <= 0) this.#write(this.#lines.filter((known) => known.variant !== variant));
    else if (at >= 0) this.#write(this.#lines.with(at, line));
    else if (this.#lines.length < LINES_MAX) this.#write([...this.#lines, line]);
  }

  /** Takes out what was bought. @param {readonly string[]} variants */
  bought(variants) {
    this.#write(this.#lines.filter((line) => !variants.includes(line.variant)));
  }

  /** Another window of this shop wrote: read again. */
  refresh() {
    this.#lines = this.#read();
    this.#changed();
  }

  /** @returns {Line[]} */
  #read() {
    try {
      const kept = JSON.parse(this.#storage.getItem(STORAGE_KEY) ?? "[]");
      return Array.isArray(kept) ? kept.filter(isLine).slice(0, LINES_MAX) : [];
    } catch {
      return []; // spoilt by hand, or storage is switched off
    }
  }

  /** @param {Line[]} lines */
  #write(lines) {
    this.#lines = lines;
    try {
      this.#storage.setItem(STORAGE_KEY, JSON.stringify(lines));
    } catch {
      // A full or forbidden storage: the bag lasts as long as the page.
    }
    this.#changed();
  }
}

/** @param {any} line @returns {line is Line} */
function isLine(line) {
  return (
    typeof line?.variant === "string" &&
    typeof line.sku === "string" &&
    Number.isInteger(line.quantity) &&
    line.quantity > 0 &&
    line.quantity <= QUANTITY_MAX
  );
}
