/**
 * The running show as a page follows it: what the live connection tells, laid on the picture's clock. Its element renders
 * again when something that can be seen has changed; the picture itself may move without that.
 */
import { openLive } from "../live.js";
import { phase } from "../models/drop.js";
import { seen } from "../models/show-state.js";
import { boot, t } from "../page.js";
import { api, changes, clock, loadMe, products } from "../shop.js";

/**
 * @typedef {import("../models/timeline.js").Cue} Cue
 * @typedef {{media: number | null, state: string}} Picture media time on the screen (epoch ms), and the player's state
 */

/** Cues that ended so long ago cannot be seen by seeking back. */
const KEPT_MS = 180_000;
/** A blink of the connection is nobody's concern. */
const OFFLINE_AFTER_MS = 1200;
/** An event that could not be read is asked for again after this. */
const RETRY_MS = 2000;

export class RunningShow {
  title = "";
  playlist = "";
  /** @type {string | null} */
  starts_at = null;
  /** Whether the event has been read. */
  known = false;
  /** @type {import("../models/live.js").Live | undefined} */
  live;
  /** @type {readonly Cue[]} what the picture on the screen carries */
  cues = [];
  /** @type {Map<string, number>} the newest counter of each drop */
  lefts = new Map();
  /** Reactions so far. */
  tally = 0;
  /** What a screen reader hears. */
  word = "";
  offline = false;
  #host;
  #picture;
  #phases = "";

  /**
   * @param {import("lit").ReactiveControllerHost & {isConnected: boolean}} host
   * @param {() => Picture | null} picture
   */
  constructor(host, picture) {
    this.#host = host;
    this.#picture = picture;
  }

  /** @param {string} event */
  open(event) {
    this.#read(event);
    loadMe().catch(() => {});
    this.live = openLive(event, {
      changed: this.#changed,
      stock: (drop, left) => {
        this.lefts.set(drop, left);
        this.#host.requestUpdate();
      },
      reactions: (counts) => {
        this.tally += Object.values(counts).reduce((sum, count) => sum + count, 0);
        this.#host.requestUpdate();
      },
    });
  }

  /** @param {string} event */
  async #read(event) {
    try {
      const { title, playlist, state, starts_at, products: list } = await api.get(`/api/events/${event}?lang=${boot.language}`);
      for (const product of list) products.set(product.sku, product);
      changes.dispatchEvent(new Event("products"));
      Object.assign(this, { title, playlist, starts_at, known: true });
      if (this.live && this.live.status !== "on") this.live.state = state;
      this.#host.requestUpdate();
    } catch {
      setTimeout(() => this.#host.isConnected && this.#read(event), RETRY_MS);
    }
  }

  /** What the viewer sees of the show's state. */
  get state() {
    const picture = this.#picture();
    const state = /** @type {import("../models/show-state.js").ShowState} */ (this.live?.state ?? "live");
    return seen(state, this.live?.since ?? null, picture?.media ?? null, picture?.state === "playing");
  }

  /** Drops that are not over, the newest last. */
  get drops() {
    return (this.live?.timeline.drops ?? []).filter((drop) => drop.state !== "ended");
  }

  /** @param {string} text */
  say = (text) => this.live?.say(text) ?? Promise.resolve({ error: "offline" });

  /** Carries the picture's clock to cues and drops. Runs on every frame: nothing is rendered unless something changed. */
  evaluate = () => {
    const media = this.#picture()?.media ?? null;
    const timeline = this.live?.timeline;
    if (!timeline) return;
    const cues = media === null ? [] : timeline.live(media);
    if (cues.length !== this.cues.length || cues.some((cue, at) => cue.id !== this.cues[at]?.id)) this.#turn(cues, media);
    const phases = `${this.state} ${timeline.drops.map((drop) => phase(drop, media, clock.now())).join()}`;
    if (phases !== this.#phases) this.#told(phases, media);
  };

  /** @param {readonly Cue[]} cues @param {number | null} media */
  #turn(cues, media) {
    const fresh = cues.filter((cue) => !this.cues.some((known) => known.id === cue.id));
    this.cues = cues;
    const titles = fresh.flatMap((cue) => cue.products).flatMap((sku) => products.get(sku)?.title ?? []);
    if (titles.length) this.word = t("watch.appears", { title: titles.join(", ") });
    if (media) this.live?.timeline.forget(media - KEPT_MS);
    this.#host.requestUpdate();
  }

  /** @param {string} phases @param {number | null} media */
  #told(phases, media) {
    this.#phases = phases;
    this.#host.requestUpdate();
    const drop = this.drops.at(-1);
    const title = products.get(drop?.sku ?? "")?.title;
    if (!drop || !title) return;
    const now = phase(drop, media, clock.now());
    const key = { drawing: "drop.open", open: "drop.open", "sold-out": "drop.gone" }[/** @type {string} */ (now)];
    if (now === "revealed") this.word = t("drop.revealed", { title, seconds: Math.round((drop.draw_ms ?? 0) / 1000) });
    else if (key) this.word = t(key, { title });
  }

  /** @param {string} change */
  #changed = (change) => {
    if (change === "status") this.#connection();
    this.evaluate();
    this.#host.requestUpdate();
  };

  #connection() {
    if (this.live?.status === "on") {
      if (this.offline) loadMe().catch(() => {});
      this.offline = false;
      return;
    }
    setTimeout(() => {
      this.offline = this.live?.status === "offline";
      this.#host.requestUpdate();
    }, OFFLINE_AFTER_MS);
  }
}
