/**
 * `<ls-watch event>`: the running show with everything around it. The picture's clock decides what is shown; this element
 * only carries it from the player to the tags and drops, and keeps one thing open beside the show.
 */
import { LitElement, html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { openLive } from "../live.js";
import { phase } from "../models/drop.js";
import { seen } from "../models/show-state.js";
import { boot, t } from "../page.js";
import { api, changes, clock, loadMe, products } from "../shop.js";
import { Follow } from "./follow.js";
import { base, buttons } from "./shared.js";
import { watchDeskStyle } from "./watch-desk-style.js";
import { watchStyle } from "./watch-style.js";
import { panel, paying } from "./watch-panel.js";
import { STEP_S, WIDE, bag, controls, heading, veil } from "./watch-parts.js";
import "./drop.js";
import "./hold-bar.js";
import "./icon.js";
import "./language.js";
import "./player.js";
import "./product-list.js";
import "./tags.js";

/**
 * @typedef {import("../models/timeline.js").Cue} Cue
 * @typedef {{name: "product" | "look" | "bag" | "checkout" | "chat" | "mirror", sku?: string, cue?: Cue, query?: string, paid?: boolean, express?: boolean, garments?: string[]}} View
 */

/** Cues that ended so long ago cannot be seen by seeking back. */
const KEPT_MS = 180_000;
/** A blink of the connection is nobody's concern. */
const OFFLINE_AFTER_MS = 1200;
/** Room that tags leave to the picture's edges, in pixels. */
const BESIDE = { top: 40, bottom: 40, side: 24 };

export class Watch extends LitElement {
  static properties = {
    event: { type: String },
    view: { state: true },
    cues: { state: true },
    muted: { state: true },
    word: { state: true },
    offline: { state: true },
    inset: { state: true },
  };

  static styles = [base, buttons, watchStyle, watchDeskStyle];

  /** @type {import("../models/live.js").Live | undefined} */
  live;
  /** @type {Map<string, number>} the newest counter of each drop */
  lefts = new Map();
  show = { title: "", playlist: "", starts_at: /** @type {string | null} */ (null), known: false };
  #turned = () => this.requestUpdate();
  #phases = "";
  tally = 0;
  /** @type {HTMLElement | null} */
  #opener = null;

  constructor() {
    super();
    this.event = "";
    /** @type {View | null} */
    this.view = null;
    /** @type {readonly Cue[]} */
    this.cues = [];
    this.muted = true;
    /** What a screen reader hears. */
    this.word = "";
    this.offline = false;
    this.inset = BESIDE;
    new Follow(this, "cart", "holds", "products");
  }

  connectedCallback() {
    super.connectedCallback();
    WIDE.addEventListener("change", this.#turned);
    addEventListener("keydown", this.#key);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    WIDE.removeEventListener("change", this.#turned);
    removeEventListener("keydown", this.#key);
  }

  /** On a phone the controls lie on the picture: tags keep clear of them. */
  #cover = new ResizeObserver(([low]) => {
    this.inset = WIDE.matches ? BESIDE : { ...BESIDE, top: 120, bottom: (low?.contentRect.height ?? 0) + 48 };
  });

  firstUpdated() {
    this.#cover.observe(/** @type {HTMLElement} */ (this.renderRoot.querySelector(".low")));
    this.#load();
    const piece = new URLSearchParams(location.search).get("piece");
    if (piece) this.open({ name: "product", sku: piece });
    loadMe().catch(() => {});
    this.live = openLive(this.event, {
      changed: this.#changed,
      stock: (drop, left) => {
        this.lefts.set(drop, left);
        this.requestUpdate();
      },
      reactions: (counts) => {
        this.tally += Object.values(counts).reduce((sum, count) => sum + count, 0);
        this.requestUpdate();
      },
    });
  }

  async #load() {
    try {
      const { title, playlist, state, starts_at, products: list } = await api.get(`/api/events/${this.event}?lang=${boot.language}`);
      for (const product of list) products.set(product.sku, product);
      changes.dispatchEvent(new Event("products"));
      this.show = { title, playlist, starts_at, known: true };
      if (this.live?.status !== "on" && this.live) this.live.state = state;
      this.requestUpdate();
    } catch {
      setTimeout(() => this.isConnected && this.#load(), 2000);
    }
  }

  /** @returns {import("./player.js").Player | null} */
  get player() {
    return this.renderRoot.querySelector("ls-player");
  }

  /** What the viewer sees of the show's state. */
  get #state() {
    const { player, live } = this;
    const state = /** @type {import("../models/show-state.js").ShowState} */ (live?.state ?? "live");
    return seen(state, live?.since ?? null, player?.media ?? null, player?.state === "playing");
  }

  /** Carries the picture's clock to the tags. Runs on every frame: nothing is rendered unless something changed. */
  #evaluate = () => {
    const media = this.player?.media ?? null;
    const timeline = this.live?.timeline;
    if (!timeline) return;
    const cues = media === null ? [] : timeline.live(media);
    if (cues.length !== this.cues.length || cues.some((cue, at) => cue.id !== this.cues[at]?.id)) this.#turn(cues);
    const phases = `${this.#state} ${timeline.drops.map((drop) => phase(drop, media, clock.now())).join()}`;
    if (phases !== this.#phases) this.#told(phases);
  };

  /** @param {readonly Cue[]} cues */
  #turn(cues) {
    const fresh = cues.filter((cue) => !this.cues.some((known) => known.id === cue.id));
    this.cues = cues;
    const titles = fresh.flatMap((cue) => cue.products).flatMap((sku) => products.get(sku)?.title ?? []);
    if (titles.length) this.word = t("watch.appears", { title: titles.join(", ") });
    const media = this.player?.media;
    if (media) this.live?.timeline.forget(media - KEPT_MS);
  }

  /** @param {string} phases */
  #told(phases) {
    this.#phases = phases;
    this.requestUpdate();
    const [drop] = this.#drops.slice(-1);
    const title = products.get(drop?.sku ?? "")?.title;
    if (!drop || !title) return;
    const now = phase(drop, this.player?.media ?? null, clock.now());
    const key = { drawing: "drop.open", open: "drop.open", "sold-out": "drop.gone" }[/** @type {string} */ (now)];
    if (now === "revealed") this.word = t("drop.revealed", { title, seconds: Math.round((drop.draw_ms ?? 0) / 1000) });
    else if (key) this.word = t(key, { title });
  }

  /** @param {string} change */
  #changed = (change) => {
    if (change === "status") this.#connection();
    this.#evaluate();
    this.requestUpdate();
  };

  #connection() {
    if (this.live?.status === "on") {
      if (this.offline) loadMe().catch(() => {});
      this.offline = false;
    } else setTimeout(() => (this.offline = this.live?.status === "offline"), OFFLINE_AFTER_MS);
  }

  /** Drops worth a place: the newest that are not over. */
  get #drops() {
    const drops = this.live?.timeline.drops ?? [];
    const running = drops.filter((drop) => drop.state !== "ended");
    return running.slice(WIDE.matches ? -2 : -1);
  }

  render() {
    const state = this.#state;
    const open = this.view !== null;
    const started = state !== "before" && this.show.known;
    return html`
      <section part="stage" class="theatre ${open ? "small" : ""} ${paying(this.view) ? "paying" : ""}">
        <ls-player
          .src=${started ? this.show.playlist : ""}
          .muted=${this.muted}
          .fit=${WIDE.matches ? "contain" : "cover"}
          @frame=${this.#evaluate}
          @state=${() => this.requestUpdate()}
          @resize=${() => this.requestUpdate()}
        ></ls-player>
        <div class="shade"></div>
        ${veil(this, state)}
        <ls-tags
          .cues=${open && !WIDE.matches ? [] : this.cues}
          .picture=${{ width: this.player?.video?.videoWidth ?? 0, height: this.player?.video?.videoHeight ?? 0 }}
          .fit=${WIDE.matches ? "contain" : "cover"}
          .inset=${this.inset}
          @choose=${this.#choose}
        ></ls-tags>
        ${heading(this, state)} ${controls(this, state)}
        ${this.offline
          ? html`<p class="notice" role="status"><ls-icon name="wifi-off"></ls-icon>${t("watch.offline")}</p>`
          : nothing}
      </section>
      ${this.#rail(open)} ${open ? panel(this, /** @type {View} */ (this.view)) : nothing}
      <p class="hidden-but-read" aria-live="polite">${this.word}</p>
    `;
  }

  /** What cannot wait: the drops, and what is reserved. */
  wanted() {
    return html`${repeat(
      this.#drops,
      (drop) => drop.id,
      (drop) => html`<ls-drop
        .drop=${drop}
        .picture=${this.player?.media ?? null}
        .left=${this.lefts.get(drop.id) ?? null}
        @checkout=${this.#checkout}
      ></ls-drop>`,
    )}<ls-holds .drops=${this.#drops.map((drop) => drop.id)} @checkout=${this.#checkout}></ls-holds>`;
  }

  /** @param {boolean} covered */
  #rail(covered) {
    const now = this.cues.flatMap((cue) => cue.products);
    return html`<section id="looks" class="rail ${covered ? "covered" : ""}" aria-label=${t("watch.looks")} tabindex="-1">
      <div class="heading">
        <h2>${t("watch.looks")}</h2>
        ${WIDE.matches ? bag(this) : nothing}
      </div>
      ${WIDE.matches ? this.wanted() : nothing}
      <ls-product-list .now=${now} @choose=${this.#choose}></ls-product-list>
      <footer class="legal">
        ${["imprint", "terms", "privacy", "withdrawal"].map((name) => html`<a href="/legal/${name}">${t(`legal.${name}`)}</a>`)}
        <ls-language></ls-language>
      </footer>
    </section>`;
  }

  /** Opens one thing beside the show. @param {View} view */
  open(view) {
    if (!this.view) this.#opener = /** @type {HTMLElement | null} */ (this.#focused());
    this.view = view;
    this.updateComplete.then(() => {
      const sheet = /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(".sheet"));
      sheet?.scrollTo(0, 0);
      sheet?.focus();
    });
  }

  close = () => {
    this.view = null;
    this.updateComplete.then(() => this.#opener?.isConnected && this.#opener.focus());
  };

  /** @param {string} text */
  say = (text) => this.live?.say(text) ?? Promise.resolve({ error: "offline" });

  #focused() {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element;
  }

  #choose = (/** @type {CustomEvent<{cue: Cue | null, sku: string | null}>} */ { detail: { cue, sku } }) => {
    if (sku) this.open({ name: "product", sku });
    else if (cue) this.open({ name: "look", cue });
  };

  #checkout = (/** @type {CustomEvent<string>} */ event) => this.open({ name: "checkout", query: event.detail });

  sound = () => {
    this.muted = !this.muted;
    if (!this.muted) this.player?.play();
  };

  pause = () => {
    const { player } = this;
    if (player?.state === "paused" || player?.state === "blocked") player.play();
    else player?.pause();
  };

  toLooks = () => {
    const rail = /** @type {HTMLElement} */ (this.renderRoot.querySelector("#looks"));
    rail.focus({ preventScroll: true });
    scrollTo({ top: innerHeight * 0.62, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  };

  #key = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape" && this.view) this.close();
    const typing = /** @type {HTMLElement} */ (event.composedPath()[0]).matches?.("input, textarea, select, [role=log]");
    if (typing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowLeft") this.player?.again(STEP_S);
    if (event.key === "ArrowRight") this.player?.again(-STEP_S);
  };
}

customElements.define("ls-watch", Watch);
