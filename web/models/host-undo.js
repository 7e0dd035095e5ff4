/** The five seconds in which the last action can be taken back. Time is an argument. */

export const UNDO_MS = 5000;

export class UndoWindow {
  /** @type {{words: string, at: number} | null} */
  #last = null;

  /**
   * Something was done that can be taken back; it replaces what was done before.
   * @param {string} words what was done
   * @param {number} now
   */
  did(words, now) {
    this.#last = { words, at: now };
  }

  /**
   * What can still be taken back, and for how long; null: nothing.
   * @param {number} now
   */
  open(now) {
    if (this.#last === null) return null;
    const left = this.#last.at + UNDO_MS - now;
    return left > 0 ? { words: this.#last.words, left } : null;
  }

  /**
   * Takes the chance, once. Whether there was one.
   * @param {number} now
   */
  take(now) {
    const open = this.open(now);
    this.#last = null;
    return open !== null;
  }

  forget() {
    this.#last = null;
  }
}
