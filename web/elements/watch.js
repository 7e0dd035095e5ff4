/**
 * `<ls-watch event>`: the running show with everything around it. It lays tags and drops on the picture as the show's clock
 * tells, and keeps one thing open beside it.
 */
import { LitElement, html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { t } from "../page.js";
import { Follow } from "./follow.js";
import { RunningShow } from "./running-show.js";
import { base, buttons } from "./shared.js";
import { watchDeskStyle } from "./watch-desk-style.js";
import { watchStyle } from "./watch-style.js";
import { watchVeilStyle } from "./watch-veil-style.js";
import { panel, paying } from "./watch-panel.js";
import { STEP_S, WIDE, bag, controls, heading, veil } from "./watch-parts.js";
import { WayBack, pieceAsked } from "./way-back.js";
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

/** Room that tags leave to the picture's edges, in pixels. */
const BESIDE = { top: 40, bottom: 40, side: 24 };

export class Watch extends LitElement {
  static properties = {
    event: { type: String },
    view: { state: true },
    muted: { state: true },
    inset: { state: true },
  };

  static styles = [base, buttons, watchStyle, watchVeilStyle, watchDeskStyle];

  show = new RunningShow(this, () => this.player);
  #turned = () => this.requestUpdate();
  #wayBack = new WayBack(() => this.#shut());
  /** @type {HTMLElement | null} */
  #opener = null;

  constructor() {
    super();
    this.event = "";
    /** @type {View | null} */
    this.view = null;
    this.muted = true;
    this.inset = BESIDE;
    new Follow(this, "cart", "holds", "products");
  }

  connectedCallback() {
    super.connectedCallback();
    WIDE.addEventListener("change", this.#turned);
    addEventListener("keydown", this.#key);
    this.#wayBack.connect();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    WIDE.removeEventListener("change", this.#turned);
    removeEventListener("keydown", this.#key);
    this.#wayBack.disconnect();
  }

  /** On a phone the controls lie on the picture: tags keep clear of them. */
  #cover = new ResizeObserver(([low]) => {
    this.inset = WIDE.matches ? BESIDE : { ...BESIDE, top: 120, bottom: (low?.contentRect.height ?? 0) + 48 };
  });

  firstUpdated() {
    this.#cover.observe(/** @type {HTMLElement} */ (this.renderRoot.querySelector(".low")));
    this.show.open(this.event);
    const piece = pieceAsked();
    if (piece) this.open({ name: "product", sku: piece });
  }

  /** @returns {import("./player.js").Player | null} */
  get player() {
    return this.renderRoot.querySelector("ls-player");
  }

  /** Drops worth a place: the newest. */
  get #drops() {
    return this.show.drops.slice(WIDE.matches ? -2 : -1);
  }

  render() {
    const { show } = this;
    const { state } = show;
    const open = this.view !== null;
    const started = state !== "before" && show.known;
    return html`
      <section part="stage" class="theatre ${open ? "small" : ""} ${paying(this.view) ? "paying" : ""}">
        <ls-player
          .src=${started ? show.playlist : ""}
          .muted=${this.muted}
          .fit=${WIDE.matches ? "contain" : "cover"}
          @frame=${show.evaluate}
          @state=${() => this.requestUpdate()}
          @resize=${() => this.requestUpdate()}
        ></ls-player>
        <div class="shade"></div>
        ${veil(this, state)}
        <ls-tags
          .cues=${state !== "live" || (open && !WIDE.matches) ? [] : show.cues}
          .picture=${{ width: this.player?.video?.videoWidth ?? 0, height: this.player?.video?.videoHeight ?? 0 }}
          .fit=${WIDE.matches ? "contain" : "cover"}
          .inset=${this.inset}
          @choose=${this.#choose}
        ></ls-tags>
        ${heading(this, state)} ${controls(this, state)}
        ${show.offline
          ? html`<p class="notice" role="status"><ls-icon name="wifi-off"></ls-icon>${t("watch.offline")}</p>`
          : nothing}
      </section>
      ${this.#rail(open)} ${open ? panel(this, /** @type {View} */ (this.view)) : nothing}
      <p class="hidden-but-read" aria-live="polite">${show.word}</p>
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
        .left=${this.show.lefts.get(drop.id) ?? null}
        @checkout=${this.#checkout}
      ></ls-drop>`,
    )}<ls-holds .drops=${this.#drops.map((drop) => drop.id)} @checkout=${this.#checkout}></ls-holds>`;
  }

  /** @param {boolean} covered */
  #rail(covered) {
    const now = this.show.cues.flatMap((cue) => cue.products);
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
    this.#wayBack.opened(view.sku);
    this.updateComplete.then(() => {
      const sheet = /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(".sheet"));
      sheet?.scrollTo(0, 0);
      sheet?.focus();
    });
  }

  close = () => {
    if (this.#shut()) this.#wayBack.closed();
  };

  /** @returns {boolean} whether anything was open */
  #shut() {
    if (!this.view) return false;
    this.view = null;
    this.updateComplete.then(() => this.#opener?.isConnected && this.#opener.focus());
    return true;
  }

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
