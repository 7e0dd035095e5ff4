/**
 * `<ls-tags>`: the tags on the picture. `cues` are those of the frame on the screen; a tap says "choose" with the cue and the product.
 * A tag is there with its frame and gone with it: nothing fades.
 */
import { LitElement, css, html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { pictureIn, place } from "../models/fit.js";
import { t, texts } from "../page.js";
import { products } from "../shop.js";
import { Follow } from "./follow.js";
import { base } from "./shared.js";

/** @typedef {import("../models/timeline.js").Cue} Cue */

/** Where a cue without an anchor sits: beside the body, at the height of a belt. */
const SOMEWHERE = { x: 0.6, y: 0.55 };

/** A label that has less room than this to its right goes to the left. */
const LABEL_PX = 210;
/** The thread between dot and label, and a margin to the edge. */
const THREAD_PX = 32;
/** As the player positions its picture. */
const COVER = { x: 0.5, y: 0.3 };
const CONTAIN = { x: 1, y: 0.5 };

export class Tags extends LitElement {
  static properties = {
    cues: { attribute: false },
    picture: { attribute: false },
    fit: { type: String },
    inset: { attribute: false },
  };

  static styles = [
    base,
    css`
      :host {
        position: absolute;
        inset: 0;
        pointer-events: none;
        contain: layout;
      }
      .tag {
        position: absolute;
        inset-inline-start: 0;
        inset-block-start: 0;
        transform: translate(var(--x), var(--y));
        display: flex;
        align-items: flex-start;
        flex-direction: row;
      }
      .tag.left {
        transform: translate(calc(var(--x) - 100%), var(--y));
        flex-direction: row-reverse;
      }
      .dot {
        flex: none;
        inline-size: 0.875rem;
        block-size: 0.875rem;
        margin: -0.4375rem;
        border-radius: 50%;
        background: var(--accent-fill);
        border: 2px solid #fff;
        box-shadow: 0 0 0 1px rgb(12 11 10 / 35%);
      }
      .thread {
        flex: none;
        inline-size: 1.5rem;
        block-size: 1px;
        background: #fff;
        box-shadow: 0 0 2px rgb(12 11 10 / 60%);
      }
      .labels {
        display: grid;
        gap: 1px;
        margin-block-start: -1.375rem;
        box-shadow: 0 6px 24px rgb(12 11 10 / 30%);
      }
      button {
        all: unset;
        box-sizing: border-box;
        pointer-events: auto;
        cursor: pointer;
        display: grid;
        align-content: center;
        min-block-size: var(--touch);
        max-inline-size: min(11rem, var(--room, 11rem));
        padding: 0.4rem 0.75rem 0.45rem;
        background: #fdfbf7;
        color: #1a1714;
        touch-action: manipulation;
        transition: background-color var(--fast);
      }
      button:hover {
        background: #fff;
      }
      button:focus-visible {
        outline: 3px solid var(--accent-fill);
        outline-offset: 2px;
      }
      .title {
        font: 500 var(--text-s) / 1.2 var(--sans);
        text-wrap: balance;
        display: -webkit-box;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 2;
        overflow: hidden;
      }
      .price {
        font: 400 var(--text-xs) / 1.35 var(--sans);
        font-variant-numeric: tabular-nums;
        color: #645d53;
      }
    `,
  ];

  #box = { width: 0, height: 0 };
  #observer = new ResizeObserver(() => {
    this.#box = { width: this.clientWidth, height: this.clientHeight };
    this.#arrange();
  });

  constructor() {
    super();
    /** @type {readonly Cue[]} */
    this.cues = [];
    /** The video's own size. */
    this.picture = { width: 0, height: 0 };
    /** @type {"cover" | "contain"} */
    this.fit = "cover";
    /** What the page's own controls cover, in pixels. */
    this.inset = { top: 120, bottom: 200, side: 24 };
    new Follow(this, "products");
  }

  connectedCallback() {
    super.connectedCallback();
    this.#observer.observe(this);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#observer.disconnect();
  }

  render() {
    return repeat(
      this.cues,
      (cue) => cue.id,
      (cue) => html`<div class="tag" data-cue=${cue.id}>
        <span class="dot"></span><span class="thread"></span>
        <div class="labels">${cue.kind === "look" ? this.#look(cue) : cue.products.map((sku) => this.#product(cue, sku))}</div>
      </div>`,
    );
  }

  /** @param {Cue} cue @param {string} sku */
  #product(cue, sku) {
    const product = products.get(sku);
    if (!product) return nothing;
    const price = texts.money(product.price);
    return html`<button
      data-sku=${sku}
      @click=${() => this.#choose(cue, sku)}
    >
      <span class="title">${product.title}</span><span class="price">${price}</span>
      <span class="hidden-but-read">${t("product.details")}</span>
    </button>`;
  }

  /** @param {Cue} cue */
  #look(cue) {
    return html`<button @click=${() => this.#choose(cue, null)}>
      <span class="title">${t("product.look.title")}</span>
      <span class="price">${t("product.pieces", { count: cue.products.length })}</span>
    </button>`;
  }

  updated() {
    this.#arrange();
  }

  /** Positions go through the CSSOM: a style attribute would be blocked. */
  #arrange() {
    if (!this.#box.width) return;
    const position = this.fit === "cover" ? COVER : CONTAIN;
    const rect = pictureIn(this.#box, this.picture, this.fit, position);
    for (const cue of this.cues) {
      const tag = /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(`[data-cue="${CSS.escape(cue.id)}"]`));
      if (!tag) continue;
      const { x, y } = place(cue.anchor ?? SOMEWHERE, rect, this.#box, this.inset);
      tag.style.setProperty("--x", `${Math.round(x)}px`);
      tag.style.setProperty("--y", `${Math.round(y)}px`);
      const [before, after] = [x, this.#box.width - x];
      const left = after < LABEL_PX && before > after;
      tag.classList.toggle("left", left);
      tag.style.setProperty("--room", `${Math.floor((left ? before : after) - THREAD_PX)}px`);
    }
  }

  /** @param {Cue} cue @param {string | null} sku */
  #choose(cue, sku) {
    this.dispatchEvent(new CustomEvent("choose", { detail: { cue, sku }, bubbles: true, composed: true }));
  }
}

customElements.define("ls-tags", Tags);
