/**
 * <ls-rail>: the garments to wear, on a rail to swipe along on a phone and as a grid on a desk. Announces
 * `rail-wear` {garment} and `rail-slot` {slot}.
 */

import { LitElement, css, html } from "lit";

import { SLOTS, wears } from "../models/look.js";
import { t, texts } from "../page.js";
import { base } from "./shared.js";

/**
 * @typedef {import("../models/look.js").Garment} Garment
 * @typedef {import("../models/look.js").Slot} Slot
 * @typedef {import("../models/look-pieces.js").Product} Product
 */

export class GarmentRail extends LitElement {
  static properties = {
    wardrobe: { attribute: false },
    products: { attribute: false },
    look: { attribute: false },
    slotShown: { attribute: false },
  };

  static styles = [
    base,
    css`
      :host {
        display: grid;
        gap: var(--space-3);
        min-inline-size: 0;
      }
      .slots,
      .garments {
        display: flex;
        overflow-x: auto;
        scrollbar-width: none;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      .slots {
        gap: var(--space-4);
        padding-inline: var(--gutter);
      }
      .garments {
        gap: var(--space-2);
        padding-inline: var(--gutter);
        scroll-padding-inline: var(--gutter);
        scroll-snap-type: x proximity;
      }
      button {
        appearance: none;
        font: inherit;
        color: inherit;
        background: none;
        border: 0;
        padding: 0;
        cursor: pointer;
        touch-action: manipulation;
      }
      .slots button {
        min-block-size: 2.25rem;
        white-space: nowrap;
        color: var(--ink-soft);
        border-block-end: 2px solid transparent;
      }
      .slots button:hover {
        color: var(--ink);
      }
      .slots button[aria-pressed="true"] {
        color: var(--ink);
        border-block-end-color: var(--accent);
      }
      .garments li {
        flex: none;
        inline-size: 5.75rem;
        scroll-snap-align: start;
      }
      .garment {
        display: grid;
        gap: var(--space-1);
        inline-size: 100%;
        text-align: start;
      }
      .picture {
        position: relative;
        aspect-ratio: 4 / 5;
        background: var(--photo);
        border-radius: var(--radius);
        outline: 2px solid transparent;
        outline-offset: -2px;
        overflow: hidden;
        transition: outline-color var(--fast);
      }
      .picture img {
        inline-size: 100%;
        block-size: 100%;
        object-fit: contain;
        padding: 10%;
      }
      .garment:hover .picture {
        outline-color: var(--line-strong);
      }
      .garment[aria-pressed="true"] .picture {
        outline-color: var(--accent);
      }
      .worn {
        position: absolute;
        inset-block-start: 0;
        inset-inline-end: 0;
        display: grid;
        place-items: center;
        inline-size: 1.5rem;
        block-size: 1.5rem;
        background: var(--accent-fill);
        color: var(--on-accent);
        --icon-size: 1rem;
      }
      .title,
      .price {
        font-size: var(--text-xs);
        line-height: 1.3;
      }
      .title {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .price {
        color: var(--ink-soft);
      }
      .garment:focus-visible,
      .slots button:focus-visible {
        outline-offset: 2px;
      }
      @media (min-width: 60rem) {
        .slots,
        .garments {
          padding-inline: 0;
        }
        .slots {
          flex-wrap: wrap;
          overflow: visible;
        }
        .garments {
          display: grid;
          grid-template-columns: repeat(auto-fill, minmax(7.5rem, 1fr));
          gap: var(--space-4) var(--space-3);
          overflow: visible;
        }
        .garments li {
          inline-size: auto;
        }
        .title {
          font-size: var(--text-s);
          white-space: normal;
        }
        .price {
          font-size: var(--text-s);
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly Garment[]} */
    this.wardrobe = [];
    /** @type {readonly Product[]} */
    this.products = [];
    /** @type {import("../models/look.js").Look} */
    this.look = [];
    /** The slot that is shown; null: all of them. @type {Slot | null} */
    this.slotShown = null;
  }

  render() {
    const slots = SLOTS.filter((slot) => this.wardrobe.some((garment) => garment.slot === slot));
    const shown = this.wardrobe.filter((garment) => this.slotShown === null || garment.slot === this.slotShown);
    return html`
      <div class="slots" role="group" aria-label=${t("fitting.slots")}>
        ${this.#tab(null)}${slots.map((slot) => this.#tab(slot))}
      </div>
      <ul class="garments" aria-label=${t("fitting.garments")}>
        ${shown.map((garment) => this.#garment(garment))}
      </ul>
    `;
  }

  /** @param {Slot | null} slot */
  #tab(slot) {
    return html`<button aria-pressed=${this.slotShown === slot} @click=${() => this.#tell("rail-slot", { slot })}>
      ${t(`fitting.slot.${slot ?? "all"}`)}
    </button>`;
  }

  /** @param {Garment} garment */
  #garment(garment) {
    const product = this.products.find((known) => known.sku === garment.sku);
    if (!product) return html``;
    const worn = wears(this.look, garment.id);
    return html`<li>
      <button
        class="garment"
        data-garment=${garment.id}
        aria-pressed=${worn}
        @click=${() => this.#tell("rail-wear", { garment })}
      >
        <span class="picture">
          <img src=${product.pictures[0] ?? ""} alt="" loading="lazy" decoding="async" />
          ${worn ? html`<span class="worn"><ls-icon name="check"></ls-icon></span>` : ""}
        </span>
        <span class="title">${product.title}</span>
        <span class="price tabular">${texts.money(product.price)}</span>
      </button>
    </li>`;
  }

  /** Brings the worn garment into sight. @param {string} id */
  reveal(id) {
    const button = this.renderRoot.querySelector(`[data-garment="${CSS.escape(id)}"]`);
    button?.scrollIntoView({ block: "nearest", inline: "center" });
  }

  /** @param {string} name @param {unknown} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

customElements.define("ls-rail", GarmentRail);
