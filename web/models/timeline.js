/**
 * The overlay timeline of one event, with the server's rules (overlays/timeline.py): numbered messages in, what the
 * picture of a media time carries out. Snapshot + messages = truth; a message is applied only when it is the next one.
 */
import { CUE, CUE_END, DROP } from "./event-names.js";

/**
 * @typedef {{x: number, y: number}} Anchor fractions of the picture, origin top left
 * @typedef {{seq: number, id: string, kind: string, products: string[], at_ms: number, duration_ms: number, anchor?: Anchor}} Cue
 * @typedef {{seq: number, id: string, at_ms: number | null}} CueEnd
 * @typedef {{seq: number, id: string, state: string, sku?: string, variant?: string, quantity?: number, per_customer?: number, left?: number,
 *   reveal_at_ms?: number, opens_at_ms?: number, opens_at?: string, closes_at?: string, draw_ms?: number, seed_hash?: string, seed?: string}} Drop
 * @typedef {"applied" | "known" | "gap"} Step
 */

export const NUMBERED = [CUE, CUE_END, DROP];

export class Timeline {
  seq = 0;
  /** @type {Map<string, Cue>} */
  #cues = new Map();
  /** @type {Map<string, Drop>} */
  #drops = new Map();

  /**
   * Begins anew from a snapshot.
   * @param {{seq: number, cues: readonly Cue[], drops: readonly Drop[]}} snapshot
   */
  restore({ seq, cues, drops }) {
    this.seq = seq;
    this.#cues = new Map(cues.map((cue) => [cue.id, cue]));
    this.#drops = new Map(drops.map((drop) => [drop.id, drop]));
  }

  /**
   * Takes the next message. "known": contained already. "gap": earlier ones are missing, ask for those after `seq`.
   * @param {string} name
   * @param {any} message
   * @returns {Step}
   */
  apply(name, message) {
    if (message.seq <= this.seq) return "known";
    if (message.seq !== this.seq + 1) return "gap";
    this.seq = message.seq;
    if (name === CUE) this.#cues.set(message.id, message);
    else if (name === CUE_END) this.#end(message);
    else this.#drops.set(message.id, message);
    return "applied";
  }

  /**
   * The cues that the frame of media time `at` carries, oldest first.
   * @param {number} at epoch ms
   */
  live(at) {
    return [...this.#cues.values()]
      .filter((cue) => cue.at_ms <= at && at < cue.at_ms + cue.duration_ms)
      .sort((a, b) => a.at_ms - b.at_ms || (a.id < b.id ? -1 : 1));
  }

  /** Every drop with its last state, in the order of arrival. */
  get drops() {
    return [...this.#drops.values()];
  }

  /** Forgets cues that ended before `before`, to which nobody can seek back. @param {number} before epoch ms */
  forget(before) {
    for (const cue of this.#cues.values()) {
      if (cue.at_ms + cue.duration_ms <= before) this.#cues.delete(cue.id);
    }
  }

  /** @param {CueEnd} end */
  #end({ id, at_ms }) {
    const cue = this.#cues.get(id);
    if (!cue) return; // over and forgotten, or taken back before
    if (at_ms === null || at_ms <= cue.at_ms) this.#cues.delete(id);
    // An end only ever shortens: a frame on which the tag was gone never shows it again.
    else if (at_ms < cue.at_ms + cue.duration_ms) this.#cues.set(id, { ...cue, duration_ms: at_ms - cue.at_ms });
  }
}
