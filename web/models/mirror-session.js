/**
 * The frame socket's conduct, without a socket: what may be sent when, what an answer means, when to connect again.
 * Time and randomness are arguments. At most two frames are in flight; the camera is only asked for a new frame when
 * there is room for it, so the newest one always wins and no queue can grow.
 */

import { decodeFrame, encodeFrame, readControl } from "./mirror-protocol.js";
import { MirrorPace } from "./mirror-pace.js";

/** One being worked on, one waiting behind it: the third could only get older. */
export const IN_FLIGHT_LIMIT = 2;

/** The server replaces a waiting frame without a word, and networks lose things: after this a frame counts as lost. */
export const LOST_AFTER_MS = 3000;

/** An open socket that has answered nothing for so long is dead, whatever TCP believes. */
export const SILENT_AFTER_MS = 9000;

/** Waits before the next attempts; after the last one the mirror says that it is unavailable, and still tries, rarely. */
const BACKOFF_MS = [400, 900, 2000, 4000];
export const PATIENCE = BACKOFF_MS.length;
const RARE_MS = 20_000;

/** A mirror whose worker is only being looked for is getting ready; after this it counts as unavailable. */
export const READY_WITHIN_MS = 10_000;

/** Close codes: another tab of the same shopper took the mirror over; the worker told us to go away for abuse. */
const CODE_REPLACED = 4001;
const CODE_ABUSE = 1008;

/**
 * @typedef {"idle" | "connecting" | "waiting" | "ok" | "no-person" | "step-back" | "turn-around" | "busy" | "reconnecting"
 *   | "unavailable" | "replaced" | "refused"} MirrorState
 */

export class MirrorSession {
  /** @type {MirrorState} */
  state = "idle";
  /** The place in the queue while the room is full. @type {number | null} */
  position = null;
  /** What the server last saw about sizes, by garment. @type {Readonly<Record<string, import("./mirror-protocol.js").SizeAdvice>>} */
  advice = {};
  pace = new MirrorPace();

  #openedAt = 0;
  #heardAt = 0;
  #open = false;
  /** Since when the server has no worker for us; null while it has one. @type {number | null} */
  #without = null;
  #failures = 0;
  #sequence = 0;
  #newestAnswer = -1;
  #lastSentAt = -Infinity;
  #dueAt = -Infinity;
  /** @type {Map<number, number>} sequence -> when it was sent */
  #inFlight = new Map();

  /** Someone asked for the mirror: a connection is under way. */
  connecting() {
    this.state = this.#failures === 0 ? "connecting" : this.state;
  }

  /** @param {number} now */
  opened(now) {
    this.#open = true;
    this.#openedAt = now;
    this.#heardAt = now;
    this.#inFlight.clear();
    this.#without = null;
    this.#newestAnswer = -1;
    this.#sequence = 0;
    this.#lastSentAt = -Infinity;
    this.#dueAt = -Infinity;
    this.pace.restart();
    this.state = "waiting";
    this.position = null;
  }

  /**
   * The socket closed, or never opened. Returns after how many milliseconds to connect again; null: not by itself.
   * @param {number} code
   * @param {number} random in [0, 1), spreads the shoppers of a server that went away
   * @returns {number | null}
   */
  closed(code, random) {
    this.#open = false;
    this.#inFlight.clear();
    this.position = null;
    if (code === CODE_REPLACED || code === CODE_ABUSE) {
      this.state = code === CODE_REPLACED ? "replaced" : "refused";
      return null;
    }
    this.#failures += 1;
    const unavailable = this.#failures > PATIENCE;
    this.state = unavailable ? "unavailable" : "reconnecting";
    const wait = BACKOFF_MS[this.#failures - 1] ?? RARE_MS;
    return Math.round(wait * (0.75 + random / 2));
  }

  /** The shopper closed the mirror, or asked to begin anew. */
  reset() {
    this.#open = false;
    this.#failures = 0;
    this.#inFlight.clear();
    this.position = null;
    this.state = "idle";
  }

  /**
   * Whether a frame captured now may be sent now.
   * @param {number} now
   */
  wants(now) {
    this.#giveUpLost(now);
    if (!this.#open || this.#held || this.#inFlight.size >= IN_FLIGHT_LIMIT) return false;
    return now >= this.#dueAt;
  }

  /**
   * Whether the open socket has been silent for so long that it should be replaced.
   * @param {number} now
   */
  silent(now) {
    if (this.#without !== null && now - this.#without >= READY_WITHIN_MS) this.state = "unavailable";
    return this.#open && !this.#held && this.#lastSentAt > this.#heardAt && now - this.#heardAt >= SILENT_AFTER_MS;
  }

  /**
   * The message for one captured frame.
   * @param {Uint8Array} jpeg
   * @param {number} now
   */
  send(jpeg, now) {
    const sequence = this.#sequence;
    const message = encodeFrame(sequence, Math.max(0, now - this.#openedAt), jpeg);
    this.#sequence += 1;
    this.#inFlight.set(sequence, now);
    this.#lastSentAt = now;
    // Due times keep their own beat: a camera of 30 pictures a second then gives 24 of them and not every second one.
    const interval = 1000 / this.pace.level.fps;
    this.#dueAt = Math.max(this.#dueAt + interval, now + interval / 4);
    return message;
  }

  /**
   * An answer came. Returns its picture; null when it is older than one that has already been shown.
   * @param {ArrayBuffer} message
   * @param {number} now
   */
  answered(message, now) {
    const frame = decodeFrame(message);
    if (!frame) return null;
    this.#heard(now);
    const sentAt = this.#inFlight.get(frame.sequence);
    this.#settle(frame.sequence);
    if (sentAt !== undefined) this.pace.answered(now - sentAt, now);
    if (this.state === "waiting") this.state = "ok";
    if (frame.sequence <= this.#newestAnswer) return null;
    this.#newestAnswer = frame.sequence;
    return frame.jpeg;
  }

  /**
   * Text came.
   * @param {string} text
   * @param {number} now
   */
  told(text, now) {
    this.#heard(now);
    const said = readControl(text);
    if (said?.kind === "state") {
      this.#guide(said.state, said.position, now);
    } else if (said?.kind === "advice") {
      this.advice = Object.fromEntries(said.advice.map((one) => [one.garment, one]));
    } else if (said?.kind === "error" && said.sequence !== null) {
      this.#inFlight.delete(said.sequence);
    }
  }

  /** Whether frames would only be thrown away: others are in front, or there is no worker. */
  get #held() {
    return this.state === "busy" || this.state === "unavailable" || this.#without !== null;
  }

  /**
   * @param {import("./mirror-protocol.js").Guidance} state
   * @param {number | null} position
   * @param {number} now
   */
  #guide(state, position, now) {
    // Busy without a place in the queue: nobody is in front, a worker is being looked for.
    const looking = state === "busy" && position === null;
    this.#without = looking ? (this.#without ?? now) : null;
    this.state = looking ? "waiting" : state;
    this.position = state === "busy" ? position : null;
    if (this.#held) this.#inFlight.clear();
  }

  /** @param {number} now */
  #heard(now) {
    this.#heardAt = now;
    this.#failures = 0;
  }

  /**
   * Frames are answered in order: an answer also settles every older frame, which was replaced on the way.
   * @param {number} sequence
   */
  #settle(sequence) {
    for (const waiting of this.#inFlight.keys()) if (waiting <= sequence) this.#inFlight.delete(waiting);
  }

  /** @param {number} now */
  #giveUpLost(now) {
    for (const [sequence, sentAt] of this.#inFlight) {
      if (now - sentAt < LOST_AFTER_MS) continue;
      this.#inFlight.delete(sequence);
      // Before the first answer the server is still making the mirror ready: that says nothing about the network.
      if (this.#newestAnswer >= 0) this.pace.gaveUp(now);
    }
  }
}
