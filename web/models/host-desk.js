/**
 * The console's state and what its buttons do, without a page: one run of show driven on the real stage or in rehearsal.
 * Every order answers with what was done, so that the page can say it and offer to take it back.
 */

import { Rehearsal } from "./host-rehearsal.js";
import { nextRow, rowOfKey, rowsOf } from "./host-rundown.js";
import { Stage } from "./host-stage.js";
import { UndoWindow } from "./host-undo.js";

/** An ended drop gives its units back and cannot be taken back, so its end is asked for twice within this time. */
export const ARMED_MS = 4000;

/**
 * @typedef {import("./host-rundown.js").Row} Row
 * @typedef {import("./host-rundown.js").RowView} RowView
 * @typedef {import("./host-rundown.js").OnStage} OnStage
 * @typedef {import("./host-rundown.js").PlannedDrop} PlannedDrop
 * @typedef {"shown" | "ended" | "dropped" | "drop-ended"} Deed
 * @typedef {{deed: Deed, title: string, at: number}} Done
 * @typedef {object} Ports
 * @property {import("./host-stage.js").Api & {get: (path: string) => Promise<any>, put: (path: string, body: unknown) => Promise<any>}} api
 * @property {string} event
 * @property {string} language
 * @property {() => OnStage} on what viewers see now
 * @property {() => number} now the server's clock, epoch ms
 * @property {() => number} media the newest media time that is known, epoch ms
 * @property {() => string} key makes an idempotency key
 * @property {() => void} changed
 */

export class HostDesk {
  /** @type {readonly Row[]} */
  rows = [];
  autopilot = false;
  rehearsing = false;
  undo = new UndoWindow();
  /** What was done last. @type {Done | null} */
  done = null;
  /** What the server refused last; null when all is well. @type {Error | null} */
  refused = null;
  /** The drop whose end was asked for once. @type {{id: string, at: number} | null} */
  armed = null;
  /** Rows whose order is on its way. @type {Set<number>} */
  busy = new Set();
  #ports;
  #stage;
  #rehearsal;
  /** @type {Readonly<Record<number, string>>} row -> the cue or drop begun last */
  #begun = {};
  /** @type {Readonly<Record<number, string>>} as it was before the last order */
  #before = {};

  /** @param {Ports} ports */
  constructor(ports) {
    this.#ports = ports;
    this.#stage = new Stage(ports.api, ports.event, ports.now, ports.key);
    this.#rehearsal = new Rehearsal(ports.now);
  }

  /** Reads the run of show. Throws what the API throws. */
  async load() {
    const { rows, autopilot } = await this.#ports.api.get(this.#path("rundown"));
    this.rows = rows;
    this.autopilot = autopilot;
    this.#ports.changed();
  }

  /** @returns {OnStage} */
  get on() {
    return this.rehearsing ? this.#rehearsal.on : this.#ports.on();
  }

  /** @returns {RowView[]} */
  get views() {
    return rowsOf(this.rows, this.on, this.#begun, this.#ports.language);
  }

  /** @param {string} key */
  pressRow(key) {
    return this.act(rowOfKey(this.views, key));
  }

  pressNext() {
    return this.act(nextRow(this.views));
  }

  /**
   * The one thing that the row's button does now: show it, end it, or open its drop.
   * @param {RowView | null} view
   */
  async act(view) {
    const row = this.rows.find((one) => one.number === view?.number);
    if (!view || !row || this.busy.has(row.number)) return;
    if (view.drop && view.id !== null && !this.#armed(view.id)) return;
    this.busy.add(row.number);
    this.#ports.changed();
    const stage = this.rehearsing ? this.#rehearsal : this.#stage;
    await this.#order(view.title, async () => {
      if (view.state === "on" && view.id !== null) {
        if (view.drop) await stage.endDrop(view.id);
        else await stage.endCue(view.id, this.#ports.media());
        return view.drop ? "drop-ended" : "ended";
      }
      const id = row.drop ? await stage.drop(row.drop) : await stage.show(row);
      this.#before = this.#begun;
      this.#begun = { ...this.#begun, [row.number]: id };
      return row.drop ? "dropped" : "shown";
    });
    this.busy.delete(row.number);
    this.#ports.changed();
  }

  /**
   * A drop that is not in the run of show.
   * @param {PlannedDrop} plan
   * @param {string} title
   */
  async drop(plan, title) {
    const stage = this.rehearsing ? this.#rehearsal : this.#stage;
    return this.#order(title, async () => {
      await stage.drop(plan);
      return "dropped";
    });
  }

  /** @param {string} id @param {string} title */
  async endDrop(id, title) {
    if (!this.#armed(id)) return false;
    const stage = this.rehearsing ? this.#rehearsal : this.#stage;
    return this.#order(title, async () => {
      await stage.endDrop(id);
      return "drop-ended";
    });
  }

  /** Takes the last order back, while there is time. Whether it was taken back. */
  async takeBack() {
    if (!this.undo.take(this.#ports.now())) return false;
    const stage = this.rehearsing ? this.#rehearsal : this.#stage;
    const undone = await this.#try(() => stage.undo());
    if (undone && this.done && (this.done.deed === "shown" || this.done.deed === "dropped")) this.#begun = this.#before;
    this.done = null;
    this.#ports.changed();
    return undone;
  }

  /** @param {boolean} on */
  async setAutopilot(on) {
    const { event, api } = this.#ports;
    const done = await this.#try(() => api.put(`/api/events/${encodeURIComponent(event)}/autopilot`, { on }));
    if (done) this.autopilot = on;
    this.#ports.changed();
  }

  /** @param {"before" | "live" | "after"} state */
  async move(state) {
    const moved = await this.#try(() => this.#ports.api.post(this.#path("state"), { state }));
    if (moved && state === "before") this.#begun = {};
    this.#ports.changed();
    return moved;
  }

  /** @param {string} line */
  async hide(line) {
    return this.#try(() => this.#ports.api.post(this.#path(`said/${encodeURIComponent(line)}/hide`), {}));
  }

  /** A rehearsal begins with an empty stage and leaves none of it behind. @param {boolean} on */
  rehearse(on) {
    this.rehearsing = on;
    this.#rehearsal = new Rehearsal(this.#ports.now);
    this.#begun = {};
    this.undo.forget();
    this.done = null;
    this.#ports.changed();
  }

  /** Whether the drop's end waits for its second press. @param {string | null} id */
  waits(id) {
    return id !== null && this.armed?.id === id && this.#ports.now() - this.armed.at < ARMED_MS;
  }

  /** Whether this is the second press. @param {string} id */
  #armed(id) {
    const second = this.waits(id);
    this.armed = second ? null : { id, at: this.#ports.now() };
    this.#ports.changed();
    return second;
  }

  /** @param {string} title @param {() => Promise<Deed>} order */
  async #order(title, order) {
    return this.#try(async () => {
      const deed = await order();
      this.done = { deed, title, at: this.#ports.now() };
      if (deed === "drop-ended") this.undo.forget();
      else this.undo.did(deed, this.done.at);
    });
  }

  /** @param {() => Promise<unknown>} what */
  async #try(what) {
    try {
      await what();
      this.refused = null;
      return true;
    } catch (error) {
      this.refused = error instanceof Error ? error : new Error(String(error));
      return false;
    } finally {
      this.#ports.changed();
    }
  }

  /** @param {string} what */
  #path(what) {
    return `/api/events/${encodeURIComponent(this.#ports.event)}/${what}`;
  }
}
