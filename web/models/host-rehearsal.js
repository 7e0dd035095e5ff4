/**
 * The stage of a rehearsal: takes the same orders as the real one and shows what would happen, and nobody hears of it.
 * Time is an argument of its clock.
 */

/**
 * @typedef {import("./host-rundown.js").Row} Row
 * @typedef {import("./host-rundown.js").PlannedDrop} PlannedDrop
 * @typedef {import("./host-rundown.js").OnStage} OnStage
 */

export class Rehearsal {
  #now;
  #made = 0;
  /** @type {import("./host-rundown.js").Cue[]} */
  #cues = [];
  /** @type {(import("./host-rundown.js").Drop & {opens: number, closes: number})[]} */
  #drops = [];
  /** How to take the last order back. @type {(() => void) | null} */
  #back = null;

  /** @param {() => number} now epoch ms */
  constructor(now) {
    this.#now = now;
  }

  /** @returns {OnStage} */
  get on() {
    const now = this.#now();
    const cues = this.#cues.filter((cue) => cue.at_ms <= now && now < cue.at_ms + cue.duration_ms);
    const drops = this.#drops.map(({ opens, closes, ...drop }) => {
      if (drop.state === "ended" || now >= closes) return { ...drop, state: "ended" };
      return { ...drop, state: now < opens ? "revealed" : "open" };
    });
    return { cues, drops };
  }

  /** @param {Row} row */
  async show(row) {
    const cue = {
      id: this.#id(),
      kind: row.kind ?? "product",
      products: row.products ?? [],
      at_ms: this.#now(),
      duration_ms: (row.seconds ?? 8) * 1000,
    };
    this.#keep();
    this.#cues = [...this.#cues, cue];
    return cue.id;
  }

  /** @param {string} id */
  async endCue(id) {
    this.#keep();
    const now = this.#now();
    this.#cues = this.#cues.map((cue) => (cue.id === id ? { ...cue, duration_ms: Math.max(0, now - cue.at_ms) } : cue));
  }

  /** @param {PlannedDrop} plan */
  async drop(plan) {
    this.#keep();
    const opens = this.#now() + (plan.opens_after_ms ?? 8000);
    const drop = { id: this.#id(), state: "revealed", sku: plan.sku, variant: plan.variant };
    const numbers = { quantity: plan.quantity, left: plan.quantity, opens, closes: opens + (plan.open_ms ?? 60_000) };
    this.#drops = [...this.#drops, { ...drop, ...numbers }];
    return drop.id;
  }

  /** @param {string} id */
  async endDrop(id) {
    this.#keep();
    this.#drops = this.#drops.map((drop) => (drop.id === id ? { ...drop, state: "ended" } : drop));
  }

  async undo() {
    this.#back?.();
    this.#back = null;
  }

  /** Remembers how the stage is before an order. */
  #keep() {
    const [cues, drops] = [this.#cues, this.#drops];
    this.#back = () => {
      this.#cues = cues;
      this.#drops = drops;
    };
  }

  #id() {
    this.#made += 1;
    return `rehearsal-${this.#made}`;
  }
}
