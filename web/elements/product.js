/**
 * `<ls-product sku>`: a product in full: picture, price, sizes with stock, wear it, bag, buy. A shopper whose address is
 * known sees the whole order, ready to be placed, as soon as a size is chosen. Says "wear", "checkout", "express" (the order is shown) and "added".
 */
import { LitElement, css, html, nothing } from "lit";
import { boot, t, texts } from "../page.js";
import { cart, loadProduct, me, products } from "../shop.js";
import { Follow } from "./follow.js";
import { base, buttons } from "./shared.js";
import "./checkout-frame.js";
import "./icon.js";
import "./sizes.js";

export class ProductView extends LitElement {
  static properties = { sku: { type: String }, chosen: { state: true }, missing: { state: true } };

  static styles = [
    base,
    buttons,
    css`
      :host {
        display: block;
      }
      .top {
        display: grid;
        grid-template-columns: minmax(7rem, 38%) 1fr;
        gap: var(--space-5);
        align-items: start;
      }
      .photo {
        background: var(--photo);
        aspect-ratio: 4 / 5;
        display: grid;
        place-items: center;
        padding: 6%;
      }
      .photo img {
        inline-size: 100%;
        block-size: 100%;
        object-fit: contain;
        min-block-size: 0;
      }
      .words {
        display: grid;
        gap: var(--space-2);
      }
      .price {
        font-size: var(--text-l);
      }
      .price small {
        font-size: var(--text-xs);
        color: var(--ink-soft);
      }
      ls-sizes {
        display: block;
        margin-block: var(--space-5) var(--space-4);
      }
      .actions {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: var(--space-2);
      }
      .words .bare {
        justify-self: start;
        padding-inline: 0;
      }
      .hint {
        min-block-size: 1.5em;
        font-size: var(--text-s);
        color: var(--ink-soft);
      }
      ls-checkout-frame {
        margin-block: var(--space-4);
        scroll-margin-block-start: 3.25rem;
      }
      dl {
        margin: var(--space-6) 0 0;
        display: grid;
        gap: var(--space-4);
        font-size: var(--text-s);
      }
      dt {
        color: var(--ink-soft);
      }
      dd {
        margin: 0;
      }
      .description {
        margin-block-start: var(--space-5);
      }
      table {
        border-collapse: collapse;
        font-size: var(--text-s);
        margin-block-start: var(--space-1);
      }
      th,
      td {
        text-align: start;
        font-weight: 400;
        padding: var(--space-1) var(--space-4) var(--space-1) 0;
        border-block-end: var(--hairline);
        font-variant-numeric: tabular-nums;
      }
    `,
  ];

  constructor() {
    super();
    this.sku = "";
    this.chosen = "";
    this.missing = false;
    new Follow(this, "products", "me");
  }

  /** @param {import("lit").PropertyValues} changed */
  willUpdate(changed) {
    if (!changed.has("sku") || !this.sku) return;
    this.missing = false;
    const only = products.get(this.sku)?.variants;
    this.chosen = only?.length === 1 && !known() ? (only[0]?.id ?? "") : "";
    loadProduct(this.sku).catch((refusal) => (this.missing = refusal.status === 404));
  }

  render() {
    const product = products.get(this.sku);
    if (this.missing) return html`<p>${t("product.missing")}</p>`;
    if (!product) return html`<p class="soft">${t("common.loading")}</p>`;
    return html`
      <div class="top">
        <div class="photo"><img src=${product.pictures[0] ?? ""} alt="" width="400" height="500" /></div>
        <div class="words">
          <h2 tabindex="-1">${product.title}</h2>
          <p class="price tabular">${texts.money(product.price)} <small>${t("common.vat")}</small></p>
          ${product.garment
            ? html`<button class="bare" data-wear @click=${() => this.#say("wear", product)}>
                <ls-icon name="scan-face"></ls-icon>${t("product.wear")}
              </button>`
            : nothing}
        </div>
      </div>
      <ls-sizes .product=${product} chosen=${this.chosen} @size=${this.#size}></ls-sizes>
      ${this.chosen && known() ? this.#order() : this.#actions(product)} ${this.#details(product)}
    `;
  }

  /** @param {import("../shop.js").Product} product */
  #actions(product) {
    const gone = product.variants.every((variant) => variant.left <= 0);
    if (gone) return html`<p>${t("product.soldout")}</p>`;
    return html`<div class="actions">
        <button data-bag ?disabled=${!this.chosen} @click=${this.#add}>${t("product.bag")}</button>
        <button class="primary" data-buy ?disabled=${!this.chosen} @click=${() => this.#say("checkout", this.#query())}>
          ${t("product.buy")}
        </button>
      </div>
      <p class="hint">${this.chosen ? "" : t("product.choose")}</p>`;
  }

  #order() {
    return html`<button class="wide" data-bag @click=${this.#add}>
        <ls-icon name="shopping-bag"></ls-icon>${t("product.bag")}
      </button>
      <ls-checkout-frame
        src="/checkout?${this.#query()}"
        @ready=${this.#ready}
      ></ls-checkout-frame>`;
  }

  /** @param {import("../shop.js").Product} product */
  #details(product) {
    const rows = [
      ["product.material", product.material],
      ["product.fit", product.fit],
      ["product.care", product.care_text],
    ];
    return html`
      ${product.description ? html`<p class="description">${product.description}</p>` : nothing}
      <dl>
        ${rows.map(([key, value]) => (value && key ? html`<div><dt>${t(key)}</dt><dd>${value}</dd></div>` : nothing))}
        ${product.measures ? html`<div><dt>${t("measure.title")}</dt><dd>${this.#measures(product.measures)}</dd></div>` : nothing}
        ${product.origin
          ? html`<div><dd class="soft">${t("product.origin", { country: texts.country(product.origin) })}</dd></div>`
          : nothing}
      </dl>
    `;
  }

  /** @param {NonNullable<import("../shop.js").Product["measures"]>} measures */
  #measures({ sizes }) {
    const names = Object.keys(Object.values(sizes)[0] ?? {});
    return html`<table>
      <tr><th scope="col">${t("product.size")}</th>${names.map((name) => html`<th scope="col">${label(name)}</th>`)}</tr>
      ${Object.entries(sizes).map(
        ([size, values]) =>
          html`<tr><th scope="row">${size}</th>${names.map((name) => html`<td>${values[name]}</td>`)}</tr>`,
      )}
    </table>`;
  }

  #query() {
    return new URLSearchParams({ variant: this.chosen, lang: boot.language }).toString();
  }

  #size = (/** @type {CustomEvent<string>} */ event) => {
    this.chosen = event.detail;
  };

  /** The order is ready to be placed: it is shown whole. */
  #ready = async () => {
    this.#say("express", null);
    await new Promise(requestAnimationFrame);
    this.renderRoot.querySelector("ls-checkout-frame")?.scrollIntoView({ block: "start" });
  };

  #add = () => {
    cart.add(this.sku, this.chosen);
    this.#say("added", products.get(this.sku));
  };

  /** @param {string} name @param {unknown} detail */
  #say(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

/** Whether the order can be shown ready to be placed. */
function known() {
  return Boolean(me.email && me.address);
}

/** @param {string} name a measure's key */
function label(name) {
  return texts.has(`measure.${name}`) ? t(`measure.${name}`) : name;
}

customElements.define("ls-product", ProductView);
