/** `<ls-product-list>`: every product as a grid of pictures; those on the runway come marked. Says "choose" with the sku. */
import { LitElement, css, html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { t, texts } from "../page.js";
import { products } from "../shop.js";
import { Follow } from "./follow.js";
import { base } from "./shared.js";

export class ProductList extends LitElement {
  static properties = { skus: { attribute: false }, now: { attribute: false } };

  static styles = [
    base,
    css`
      ul {
        list-style: none;
        margin: 0;
        padding: 0;
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, var(--card, 9.5rem)), 1fr));
        gap: var(--space-5) var(--space-4);
      }
      button {
        all: unset;
        box-sizing: border-box;
        display: grid;
        gap: var(--space-1);
        inline-size: 100%;
        cursor: pointer;
        touch-action: manipulation;
      }
      button:focus-visible {
        outline: 2px solid var(--focus);
        outline-offset: 4px;
      }
      .photo {
        background: var(--photo);
        aspect-ratio: 4 / 5;
        padding: 10%;
        margin-block-end: var(--space-2);
        position: relative;
      }
      img {
        inline-size: 100%;
        block-size: 100%;
        object-fit: contain;
        transition: transform var(--slow) var(--ease);
      }
      button:hover img {
        transform: scale(1.03);
      }
      .title {
        font-weight: 500;
        line-height: 1.25;
      }
      .price {
        font-size: var(--text-s);
        color: var(--ink-soft);
      }
      .mark {
        position: absolute;
        inset-block-start: var(--space-2);
        inset-inline-start: var(--space-2);
        background: var(--accent-fill);
        color: var(--on-accent);
        padding: 0.15rem 0.45rem;
      }
      .gone img {
        opacity: 0.45;
      }
      .waiting .photo {
        background: var(--paper-sunken);
      }
      @media (prefers-reduced-motion: reduce) {
        button:hover img {
          transform: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly string[] | null} */
    this.skus = null;
    /** @type {readonly string[]} */
    this.now = [];
    new Follow(this, "products");
  }

  render() {
    if (!products.size) {
      return html`<ul class="waiting" aria-hidden="true">
        ${Array.from({ length: 4 }, () => html`<li><div class="photo"></div>&nbsp;</li>`)}
      </ul>`;
    }
    const shown = (this.skus ?? [...products.keys()]).flatMap((sku) => products.get(sku) ?? []);
    return html`<ul>
      ${repeat(shown, (product) => product.sku, (product) => html`<li>${this.#card(product)}</li>`)}
    </ul>`;
  }

  /** @param {import("../shop.js").Product} product */
  #card(product) {
    const price = texts.money(product.price);
    return html`<button data-sku=${product.sku} class=${product.left <= 0 ? "gone" : ""} @click=${() => this.#choose(product.sku)}>
      <span class="photo">
        <img src=${product.pictures[0] ?? ""} alt="" loading="lazy" width="320" height="400" />
        ${this.now.includes(product.sku) ? html`<span class="mark caps">${t("watch.now")}</span>` : nothing}
      </span>
      <span class="title">${product.title}</span>
      <span class="price tabular">${product.left > 0 ? price : html`${price} · ${t("product.soldout")}`}</span>
    </button>`;
  }

  /** @param {string} sku */
  #choose(sku) {
    this.dispatchEvent(new CustomEvent("choose", { detail: { cue: null, sku }, bubbles: true, composed: true }));
  }
}

customElements.define("ls-product-list", ProductList);
