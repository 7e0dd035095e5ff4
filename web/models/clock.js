/**
 * The server's clock, from the times that its answers carry. The sample with the shortest round trip wins, because its
 * error is bounded by half of it; an old one makes room after a while, because clocks drift.
 */

/** After this a worse sample may replace a better one: a crystal drifts some 50 ms in it. */
const STALE_MS = 600_000;

export class ServerClock {
  #local;
  #offset = 0;
  #error = Infinity;
  #taken = 0;

  /** @param {() => number} local this machine's clock in ms, monotonic */
  constructor(local) {
    this.#local = local;
  }

  /**
   * @param {number} server the server's time in epoch ms
   * @param {number} sent when the request left, on the local clock
   * @param {number} received when the answer was there
   */
  sample(server, sent, received) {
    const error = (received - sent) / 2;
    if (error > this.#error && received - this.#taken < STALE_MS) return;
    this.#offset = server - (sent + received) / 2;
    this.#error = error;
    this.#taken = received;
  }

  /** The server's time now, epoch ms; a rough guess before the first sample. */
  now() {
    return this.#local() + this.#offset;
  }

  /** How wrong `now` can be, in ms. */
  get error() {
    return this.#error;
  }
}
