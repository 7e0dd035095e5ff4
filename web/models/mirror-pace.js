/**
 * How large and how often frames are sent. The picture gets smaller when answers come late (a slow uplink or a
 * server under load) and larger again once they have been prompt for a while. Time is an argument.
 */

/** @typedef {{width: number, height: number, quality: number, fps: number}} Level */

/** @type {Level} */
const BEST = { width: 640, height: 480, quality: 0.82, fps: 24 };

/**
 * From best to smallest. Quality is the JPEG encoder's; below .6 skin turns to blocks and hands are no longer found.
 * @type {readonly Level[]}
 */
export const LEVELS = [
  BEST,
  { width: 640, height: 480, quality: 0.68, fps: 20 },
  { width: 480, height: 360, quality: 0.68, fps: 20 },
  { width: 320, height: 240, quality: 0.62, fps: 15 },
];

/** A mirror that lags by more than this is felt as a film of oneself. */
const LATE_MS = 450;
const PROMPT_MS = 210;
/** Late for this long, one level down; prompt for this long, one level up. Slow up, so that it does not see-saw. */
const DOWN_AFTER_MS = 2000;
const UP_AFTER_MS = 6000;
/** The first answers of a connection also carry the making of the mirror; they say nothing about the way. */
const WARM_UP = 3;
/** Rate and slowest answers are those of the last two seconds. */
const WINDOW_MS = 2000;
/** Weight of the newest round trip in the running mean. */
const SMOOTHING = 0.15;

export class MirrorPace {
  #level = 0;
  /** @type {number | null} */
  #mean = null;
  /** @type {number | null} since when answers have been late or prompt without a break */
  #since = null;
  #trend = "steady";
  #warm = 0;
  /** The answers of the last seconds: when they came and after how long. @type {{at: number, took: number}[]} */
  #answers = [];

  get level() {
    return LEVELS[this.#level] ?? BEST;
  }

  /** The running mean of the round trip in milliseconds; null before the first answer. */
  get latency() {
    return this.#mean === null ? null : Math.round(this.#mean);
  }

  /**
   * Answers a second over the last seconds.
   * @param {number} now
   */
  rate(now) {
    return this.#recent(now).length / (WINDOW_MS / 1000);
  }

  /**
   * What 95 of 100 answers of the last seconds stayed below, in milliseconds; null without answers.
   * @param {number} now
   */
  slowest(now) {
    const took = this.#recent(now).map((answer) => answer.took).sort((a, b) => a - b);
    return took[Math.min(took.length - 1, Math.floor(took.length * 0.95))] ?? null;
  }

  /**
   * An answer came after `roundTrip` milliseconds.
   * @param {number} roundTrip
   * @param {number} now
   */
  answered(roundTrip, now) {
    this.#answers = [...this.#recent(now), { at: now, took: roundTrip }];
    this.#warm += 1;
    if (this.#warm <= WARM_UP) return;
    this.#mean = this.#mean === null ? roundTrip : this.#mean + SMOOTHING * (roundTrip - this.#mean);
    this.#judge(this.#mean > LATE_MS ? "late" : this.#mean < PROMPT_MS ? "prompt" : "steady", now);
  }

  /**
   * A frame was given up: the network is worse than slow.
   * @param {number} now
   */
  gaveUp(now) {
    this.#step(1, now);
  }

  /** A new connection says nothing about the old one's delays; the size stays, it was learnt. */
  restart() {
    this.#mean = null;
    this.#warm = 0;
    this.#since = null;
    this.#trend = "steady";
    this.#answers = [];
  }

  /** @param {number} now */
  #recent(now) {
    return this.#answers.filter((answer) => now - answer.at < WINDOW_MS);
  }

  /**
   * @param {"late" | "prompt" | "steady"} trend
   * @param {number} now
   */
  #judge(trend, now) {
    if (trend !== this.#trend || this.#since === null) {
      this.#trend = trend;
      this.#since = now;
    } else if (trend === "late" && now - this.#since >= DOWN_AFTER_MS) {
      this.#step(1, now);
    } else if (trend === "prompt" && now - this.#since >= UP_AFTER_MS) {
      this.#step(-1, now);
    }
  }

  /**
   * @param {1 | -1} by
   * @param {number} now
   */
  #step(by, now) {
    this.#level = Math.min(LEVELS.length - 1, Math.max(0, this.#level + by));
    this.#since = now;
  }
}
