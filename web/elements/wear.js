/**
 * `<ls-wear .start=${garments}>`: the mirror beside the running show, with everything that can be worn to try next and what is
 * worn to buy. Says "choose" with the sku of a piece to buy.
 */
import { LitElement, css, html, nothing } from "lit";
import { ids, isSlot, toggle, wears } from "../models/look.js";
import { t, texts } from "../page.js";
import { products } from "../shop.js";
import { Follow } from "./follow.js";
import "./mirror.js";
import { base, buttons } from "./shared.js";

/** @typedef {import("../shop.js").Product} Product */

export class Wear extends LitElement {
  static properties = { start: { attribute: false }, look: { state: true } };

  static styles = [
    base,
    buttons,
    css`
      :host {
        display: grid;
        gap: var(--space-4);
      }
      .strip {
        list-style: none;
        margin: 0 calc(-1 * var(--space-4));
        padding: var(--space-1) var(--space-4);
        display: flex;
        gap: var(--space-2);
        overflow-x: auto;
        overscroll-behavior-x: contain;
        scrollbar-width: none;
        scroll-padding-inline: var(--space-4);
      }
      .strip button {
        inline-size: 4.25rem;
        aspect-ratio: 4 / 5;
        padding: 0.4rem;
        background: var(--photo);
        border: 1px solid transparent;
        border-radius: 0;
        flex: none;
      }
      .strip [aria-pressed="true"] {
        border-color: var(--accent-fill);
        box-shadow: inset 0 -3px 0 var(--accent-fill);
      }
      img {
        inline-size: 100%;
        block-size: 100%;
        object-fit: contain;
      }
      .worn {
        list-style: none;
        margin: 0;
        padding: 0;
      }
      .worn li {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-4);
        padding-block: var(--space-2);
        border-block-start: var(--hairline);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly string[]} garments to begin with */
    this.start = [];
    /** @type {import("../models/look.js").Look} */
    this.look = [];
    new Follow(this, "products");
  }

  /** @param {import("lit").PropertyValues} changed */
  willUpdate(changed) {
    if (!changed.has("start")) return;
    const first = this.#wearable.filter(({ garment }) => garment && this.start.includes(garment));
    this.look = first.reduce((look, product) => toggle(look, piece(product)), /** @type {import("../models/look.js").Look} */ ([]));
  }

  get #wearable() {
    return [...products.values()].filter((product) => product.garment && isSlot(product.slot));
  }

  render() {
    const worn = this.#wearable.filter((product) => wears(this.look, product.garment ?? ""));
    return html`
      <laufsteg-mirror compact .garments=${ids(this.look)} .wearing=${worn.map(({ title }) => title).join(", ")}></laufsteg-mirror>
      <ul class="strip">
        ${this.#wearable.map((product) => this.#choice(product))}
      </ul>
      ${worn.length ? html`<ul class="worn">${worn.map((product) => this.#worn(product))}</ul>` : nothing}
      <a href="/fitting?wear=${ids(this.look).join(",")}">${t("lobby.fitting")}</a>
    `;
  }

  /** @param {Product} product */
  #choice(product) {
    return html`<li>
      <button
        aria-pressed=${wears(this.look, product.garment ?? "") ? "true" : "false"}
        aria-label="${t("product.wear")}: ${product.title}"
        @click=${() => (this.look = toggle(this.look, piece(product)))}
      >
        <img src=${product.pictures[0] ?? ""} alt="" width="68" height="85" />
      </button>
    </li>`;
  }

  /** @param {Product} product */
  #worn(product) {
    return html`<li>
      <span>${product.title}</span>
      <button @click=${() => this.#choose(product.sku)}>
        <span class="hidden-but-read">${t("product.buy")}: ${product.title}, </span>${texts.money(product.price)}
      </button>
    </li>`;
  }

  /** @param {string} sku */
  #choose(sku) {
    this.dispatchEvent(new CustomEvent("choose", { detail: { cue: null, sku }, bubbles: true, composed: true }));
  }
}

/** @param {Product} product @returns {import("../models/look.js").Garment} */
function piece({ garment, slot, sku }) {
  return { id: garment ?? "", slot: /** @type {import("../models/look.js").Slot} */ (slot), sku };
}

customElements.define("ls-wear", Wear);
