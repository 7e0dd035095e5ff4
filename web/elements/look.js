/** `<ls-look .skus>`: an outfit that is bought together: its pieces with their sizes and one button for all that have one. Says "wear", "choose" and "added". */
import { LitElement, css, html, nothing } from "lit";
import { t, texts } from "../page.js";
import { cart, products } from "../shop.js";
import { Follow } from "./follow.js";
import { base, buttons } from "./shared.js";
import "./icon.js";
import "./sizes.js";

/** @typedef {import("../shop.js").Product} Product */

export class Look extends LitElement {
  static properties = { skus: { attribute: false }, chosen: { state: true } };

  static styles = [
    base,
    buttons,
    css`
      :host {
        display: block;
      }
      .top {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-2);
        padding-block-end: var(--space-3);
      }
      ul {
        list-style: none;
        margin: 0;
        padding: 0;
      }
      li {
        display: grid;
        grid-template-columns: 5rem 1fr;
        gap: var(--space-3) var(--space-4);
        padding-block: var(--space-4);
        border-block-start: var(--hairline);
      }
      .photo {
        all: unset;
        cursor: pointer;
        background: var(--photo);
        aspect-ratio: 4 / 5;
        padding: 8%;
        box-sizing: border-box;
        align-self: start;
      }
      .photo:focus-visible {
        outline: 2px solid var(--focus);
        outline-offset: 3px;
      }
      img {
        inline-size: 100%;
        block-size: 100%;
        object-fit: contain;
      }
      .price {
        font-size: var(--text-s);
        color: var(--ink-soft);
        padding-block-end: var(--space-3);
      }
      .buy {
        position: sticky;
        inset-block-end: calc(-1 * var(--end, 0px));
        margin-block-end: calc(-1 * var(--end, 0px));
        padding-block: var(--space-3) max(var(--space-3), var(--end, 0px));
        background: var(--paper);
        border-block-start: var(--hairline);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly string[]} */
    this.skus = [];
    /** @type {Record<string, string>} the variant of each piece that is wanted */
    this.chosen = {};
    new Follow(this, "products");
  }

  /** @param {import("lit").PropertyValues} changed */
  willUpdate(changed) {
    if (!changed.has("skus")) return;
    // A piece that comes in one size needs no choice.
    const single = this.#pieces.filter(({ variants, left }) => variants.length === 1 && left > 0);
    this.chosen = Object.fromEntries(single.map(({ sku, variants }) => [sku, variants[0]?.id ?? ""]));
  }

  get #pieces() {
    return this.skus.flatMap((sku) => products.get(sku) ?? []);
  }

  render() {
    const pieces = this.#pieces;
    const garments = pieces.flatMap(({ garment }) => garment ?? []);
    const wanted = pieces.filter(({ sku }) => this.chosen[sku]);
    const amount = wanted.reduce((sum, { price }) => sum + price.amount, 0);
    const currency = pieces[0]?.price.currency ?? "EUR";
    return html`<div class="top">
        <h2 tabindex="-1">${t("product.look.title")}</h2>
        ${garments.length
          ? html`<button class="bare" data-wear @click=${() => this.#say("wear", { garments })}>
              <ls-icon name="scan-face"></ls-icon>${t("product.wear")}
            </button>`
          : nothing}
      </div>
      <ul>${pieces.map((product) => this.#piece(product))}</ul>
      <div class="buy">
        <button class="primary wide" data-look ?disabled=${!wanted.length} @click=${() => this.#add(wanted)}>
          ${wanted.length ? html`${t("product.look")} · <span class="tabular">${texts.money({ amount, currency })}</span>` : t("product.choose")}
        </button>
      </div>`;
  }

  /** @param {Product} product */
  #piece(product) {
    const { sku, title, price, pictures } = product;
    return html`<li>
      <button class="photo" aria-label=${title} @click=${() => this.#say("choose", { cue: null, sku })}>
        <img src=${pictures[0] ?? ""} alt="" width="80" height="100" />
      </button>
      <div>
        <p>${title}</p>
        <p class="price tabular">${texts.money(price)}</p>
        <ls-sizes
          .product=${product}
          chosen=${this.chosen[sku] ?? ""}
          @size=${(/** @type {CustomEvent<string>} */ event) => this.#choose(sku, event.detail)}
        ></ls-sizes>
      </div>
    </li>`;
  }

  /** A second tap on a size leaves the piece out. @param {string} sku @param {string} variant */
  #choose(sku, variant) {
    this.chosen = { ...this.chosen, [sku]: this.chosen[sku] === variant ? "" : variant };
  }

  /** @param {readonly Product[]} wanted */
  #add(wanted) {
    for (const { sku } of wanted) cart.add(sku, this.chosen[sku] ?? "");
    this.#say("added", { title: wanted.map(({ title }) => title).join(", ") });
  }

  /** @param {string} name @param {unknown} detail */
  #say(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

customElements.define("ls-look", Look);
