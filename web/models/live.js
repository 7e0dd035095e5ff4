/**
 * The live connection of one event: joins, keeps the timeline complete over losses and reconnects, and hands on what
 * describes the present moment (viewers, stock, chat). The socket is given, so that rules can be tested without one.
 */
import { JOIN, REACT, REACTIONS, SAID, SAY, STATE, STOCK, UNSAID, VIEWERS } from "./event-names.js";
import { NUMBERED, Timeline } from "./timeline.js";

/** An answer that takes longer is treated as lost, and the connection as dead. */
export const ANSWER_MS = 6000;
/** Everybody is sent away at once at a restart: the way back is spread over this. */
export const SPREAD_MS = 3000;
/** Socket.IO's reason for it. */
const SENT_AWAY = "io server disconnect";
/** The websocket's close code of a server that goes away (RFC 6455), and ours for who sent too much. */
export const RESTART = 1001;
export const FLOOD = 4008;

/**
 * @typedef {object} Socket the part of a Socket.IO client that is used here
 * @property {(name: string, handler: (...args: any[]) => void) => unknown} on
 * @property {(name: string, data: unknown, answered: (error: unknown, answer?: any) => void) => void} ask emits with a time limit
 * @property {() => void} connect
 * @property {() => void} disconnect
 *
 * @typedef {{id: string, author: string, text: string, said_at: string}} Said
 * @typedef {"connecting" | "on" | "offline" | "refused"} Status
 *
 * @typedef {object} Ports
 * @property {(change: "timeline" | "status" | "state" | "viewers" | "said") => void} changed
 * @property {(drop: string, left: number) => void} [stock]
 * @property {(counts: Record<string, number>) => void} [reactions]
 * @property {(media: number, sent: number, received: number) => void} [clock] the newest media time and when it was asked and answered
 * @property {(handler: () => void, ms: number) => unknown} later
 * @property {() => number} local this machine's clock, ms
 * @property {() => number} random
 */

/** So many lines stay on the page. */
const SAID_MAX = 100;

export class Live {
  timeline = new Timeline();
  /** @type {Status} */
  status = "connecting";
  /** @type {string} before | live | pause | after */
  state = "before";
  /** @type {number | null} media time at which `state` began */
  since = null;
  viewers = 0;
  /** @type {Said[]} */
  said = [];
  #socket;
  #event;
  #ports;
  #known = false;
  #joining = false;
  #closed = false;
  /** @type {Array<[string, any]>} numbered messages that came during a join */
  #held = [];

  /**
   * @param {Socket} socket
   * @param {string} event
   * @param {Ports} ports
   */
  constructor(socket, event, ports) {
    this.#socket = socket;
    this.#event = event;
    this.#ports = ports;
    socket.on("connect", () => this.#join());
    socket.on("disconnect", (reason, details) => this.#gone(reason, details?.context?.code));
    socket.on("connect_error", () => this.#lost());
    for (const name of NUMBERED) socket.on(name, (message) => this.#numbered(name, message));
    socket.on(STOCK, ({ drop, left }) => ports.stock?.(drop, left));
    socket.on(VIEWERS, ({ count }) => this.#set("viewers", { viewers: count }));
    socket.on(REACTIONS, ({ counts }) => ports.reactions?.(counts));
    socket.on(SAID, (line) => this.#hear([line]));
    socket.on(UNSAID, ({ id }) => this.#set("said", { said: this.said.filter((line) => line.id !== id) }));
    socket.on(STATE, ({ state, since_ms }) => this.#set("state", { state, since: since_ms ?? null }));
  }

  /** Leaves for good. */
  close() {
    this.#closed = true;
    this.#socket.disconnect();
  }

  /** @param {string} kind */
  react(kind) {
    return this.#ask(REACT, { kind });
  }

  /** @param {string} text */
  say(text) {
    return this.#ask(SAY, { text });
  }

  /**
   * @param {string} name
   * @param {unknown} data
   * @returns {Promise<{ok?: boolean, error?: string}>}
   */
  #ask(name, data) {
    if (this.status !== "on") return Promise.resolve({ error: "offline" });
    return new Promise((resolve) => {
      this.#socket.ask(name, data, (error, answer) => resolve(error ? { error: "offline" } : (answer ?? {})));
    });
  }

  #join() {
    if (this.#joining) return;
    this.#joining = true;
    const sent = this.#ports.local();
    const since = this.#known ? { since: this.timeline.seq } : {};
    this.#socket.ask(JOIN, { event: this.#event, ...since }, (error, answer) => {
      this.#joining = false;
      if (error) this.#reconnect(0);
      else if (answer?.error) this.#refused(answer.error);
      else this.#joined(answer, sent);
    });
  }

  /** @param {any} answer @param {number} sent */
  #joined(answer, sent) {
    this.#ports.clock?.(answer.now_ms, sent, this.#ports.local());
    if (answer.missed) for (const message of answer.missed) this.timeline.apply(message.type, message);
    else this.timeline.restore(answer);
    this.#known = true;
    const held = this.#held;
    this.#held = [];
    Object.assign(this, { state: answer.state, since: answer.since_ms ?? null, viewers: answer.viewers ?? this.viewers });
    this.#hear(answer.said ?? []);
    this.#set("status", { status: "on" });
    for (const change of /** @type {const} */ (["timeline", "state", "viewers"])) this.#ports.changed(change);
    for (const [name, message] of held) this.#numbered(name, message);
  }

  /** @param {string} slug */
  #refused(slug) {
    // Too many at once heals by waiting; an unknown event does not.
    if (slug === "unknown-event" || slug === "not-found") this.#set("status", { status: "refused" });
    else this.#reconnect(ANSWER_MS);
  }

  /** @param {string} name @param {any} message */
  #numbered(name, message) {
    if (this.#joining || !this.#known) {
      this.#held.push([name, message]);
      return;
    }
    const step = this.timeline.apply(name, message);
    if (step === "gap") {
      this.#held.push([name, message]);
      this.#join();
    } else if (step === "applied") this.#ports.changed("timeline");
  }

  /** @param {readonly Said[]} lines */
  #hear(lines) {
    const fresh = lines.filter((line) => !this.said.some((known) => known.id === line.id));
    if (fresh.length) this.#set("said", { said: [...this.said, ...fresh].slice(-SAID_MAX) });
  }

  /** @param {string} reason @param {number} [code] of the websocket's close event */
  #gone(reason, code) {
    if (code === FLOOD) this.#reconnect(ANSWER_MS);
    // Who was sent away by the server's word is not brought back by the library.
    else if (reason === SENT_AWAY || code === RESTART) this.#reconnect(0);
    else this.#lost();
  }

  #lost() {
    this.#joining = false;
    this.#held = [];
    this.#set("status", { status: this.#known ? "offline" : "connecting" });
  }

  /** @param {number} ms */
  #reconnect(ms) {
    this.#lost();
    this.#socket.disconnect();
    const wait = ms + this.#ports.random() * SPREAD_MS;
    this.#ports.later(() => this.#closed || this.#socket.connect(), wait);
  }

  /**
   * @param {"timeline" | "status" | "state" | "viewers" | "said"} change
   * @param {object} values
   */
  #set(change, values) {
    Object.assign(this, values);
    this.#ports.changed(change);
  }
}

