/**
 * The frame socket with its timers: takes frames from a source, gives pictures back. What may happen when is decided by
 * models/mirror-session.js.
 */

import { wishMessage } from "../models/mirror-protocol.js";
import { MirrorSession } from "../models/mirror-session.js";

/** How often a stalled link is looked at when neither camera nor server says anything. */
const WATCH_MS = 500;

/**
 * @typedef {import("./mirror-source.js").CameraSource | import("./mirror-source.js").PhotoSource} Source
 * @typedef {{onpicture: (picture: ImageBitmap) => void, onchange: () => void}} LinkPorts
 */

export class MirrorLink {
  session = new MirrorSession();
  /** How many answers have been shown since the start. */
  shown = 0;
  #source;
  #ports;
  #url;
  /** @type {WebSocket | null} */
  #socket = null;
  /** What to draw, as it is told to every new socket. */
  #wish = wishMessage({ garments: [], sizes: {}, height: null });
  #stopped = true;
  #capturing = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #watch;

  /**
   * @param {Source} source
   * @param {LinkPorts} ports
   * @param {string} [path]
   */
  constructor(source, ports, path = "/fitting/socket") {
    this.#source = source;
    this.#ports = ports;
    this.#url = new URL(path, location.href.replace(/^http/, "ws")).href;
  }

  start() {
    this.#stopped = false;
    this.#connect();
    this.#watch = setInterval(() => this.#check(), WATCH_MS);
    this.#pump();
  }

  /** What to draw from now on. @param {import("../models/mirror-protocol.js").Wish} wish */
  wish(wish) {
    const message = wishMessage(wish);
    if (message === this.#wish) return;
    this.#wish = message;
    this.#source.refresh();
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(message);
  }

  /** Another try at once: the shopper asked for it. */
  retry() {
    clearTimeout(this.#retry);
    this.#drop();
    this.session.reset();
    this.#connect();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#retry);
    clearInterval(this.#watch);
    this.#drop();
    this.session.reset();
  }

  #connect() {
    this.session.connecting();
    const socket = new WebSocket(this.#url);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => this.#opened(socket));
    socket.addEventListener("message", (event) => this.#heard(socket, event.data));
    socket.addEventListener("close", (event) => this.#closed(socket, event.code));
    this.#socket = socket;
    this.#ports.onchange();
  }

  /** @param {WebSocket} socket */
  #opened(socket) {
    if (socket !== this.#socket) return;
    this.session.opened(performance.now());
    socket.send(this.#wish);
    this.#source.refresh();
    this.#ports.onchange();
  }

  /** @param {WebSocket} socket @param {unknown} data */
  #heard(socket, data) {
    if (socket !== this.#socket) return;
    if (typeof data === "string") this.session.told(data, performance.now());
    else if (data instanceof ArrayBuffer) void this.#show(this.session.answered(data, performance.now()));
    this.#ports.onchange();
  }

  /** @param {Uint8Array | null} jpeg */
  async #show(jpeg) {
    if (jpeg === null) return;
    const blob = new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (jpeg)], { type: "image/jpeg" });
    const picture = await createImageBitmap(blob).catch(() => null);
    if (picture === null || this.#stopped) return;
    this.shown += 1;
    this.#ports.onpicture(picture);
    picture.close();
  }

  /** @param {WebSocket} socket @param {number} code */
  #closed(socket, code) {
    if (socket !== this.#socket || this.#stopped) return;
    this.#socket = null;
    const wait = this.session.closed(code, Math.random());
    if (wait !== null) this.#retry = setTimeout(() => this.#connect(), wait);
    this.#ports.onchange();
  }

  /** Lets go of the socket; what it still says is not heard. */
  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
  }

  #check() {
    const silent = this.session.silent(performance.now());
    this.#ports.onchange();
    if (!silent) return;
    const socket = this.#socket;
    if (socket === null) return;
    this.#closed(socket, 1006);
    socket.close();
  }

  #pump() {
    if (this.#stopped) return;
    this.#source.whenFresh(() => {
      void this.#capture();
      this.#pump();
    });
  }

  async #capture() {
    const socket = this.#socket;
    if (this.#capturing || socket === null || !this.#source.ready() || !this.session.wants(performance.now())) return;
    // What the network has not taken yet would only be followed by older news.
    if (socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > 0) return;
    this.#capturing = true;
    try {
      const jpeg = await this.#source.grab(this.session.pace.level);
      if (jpeg && socket === this.#socket && socket.readyState === WebSocket.OPEN) {
        socket.send(this.session.send(jpeg, performance.now()));
      }
    } finally {
      this.#capturing = false;
    }
  }
}
