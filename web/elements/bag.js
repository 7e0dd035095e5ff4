/** `<ls-bag>`: what the shopper gathered, with quantities, and the way to the checkout. Says "checkout". */
import { LitElement, css, html, nothing } from "lit";
import { boot, t, texts } from "../page.js";
import { cart, clock, findVariant, holds } from "../shop.js";
import { Follow } from "./follow.js";
import { base, buttons, piece } from "./shared.js";
import "./countdown.js";
import "./icon.js";

export class Bag extends LitElement {
  static styles = [
    base,
    buttons,
    piece,
    css`
      :host {
        display: block;
      }
      ul {
        list-style: none;
        margin: var(--space-5) 0;
        padding: 0;
      }
      li {
        display: grid;
        grid-template-columns: 4.5rem 1fr auto;
        gap: var(--space-4);
        padding-block: var(--space-4);
        border-block-start: var(--hairline);
      }
      .steps {
        display: inline-flex;
        align-items: center;
        gap: var(--space-1);
        margin-block-start: var(--space-2);
        margin-inline-start: -0.75rem;
      }
      .steps .round {
        border-color: transparent;
      }
      .steps output {
        min-inline-size: 2ch;
        text-align: center;
      }
      .empty {
        padding-block: var(--space-7);
        display: grid;
        gap: var(--space-2);
      }
    `,
  ];

  constructor() {
    super();
    new Follow(this, "cart", "holds", "products");
  }

  render() {
    const held = holds.running(clock.now());
    return html`<h2 tabindex="-1">${t("cart.title")}</h2>
      ${held.length || cart.lines.length
        ? html`<ul>
              ${held.map((hold) => this.#hold(hold))} ${cart.lines.map((line) => this.#line(line))}
            </ul>
            <button class="primary wide" @click=${this.#checkout}>${t("cart.checkout")}</button>`
        : html`<div class="empty"><p>${t("cart.empty")}</p><p class="soft">${t("cart.empty.text")}</p></div>`}`;
  }

  /** @param {import("../models/hold.js").Hold} hold */
  #hold(hold) {
    return html`<li>
      <div class="photo"><img src=${hold.picture ?? ""} alt="" width="72" height="90" /></div>
      <div>
        <p>${hold.title}</p>
        <p class="meta">${hold.size}</p>
        <p class="meta">${around(t("cart.reserved", { time: "|" }), html`<ls-countdown .until=${Date.parse(hold.expires_at)}></ls-countdown>`)}</p>
      </div>
      <p class="tabular">${texts.money(hold.price)}</p>
    </li>`;
  }

  /** @param {import("../models/cart.js").Line} line */
  #line({ sku, variant, quantity }) {
    const found = findVariant(variant);
    if (!found) return nothing;
    const { title, price, pictures } = found.product;
    const set = (/** @type {number} */ to) => () => cart.set(sku, variant, to);
    return html`<li data-variant=${variant}>
      <div class="photo"><img src=${pictures[0] ?? ""} alt="" width="72" height="90" /></div>
      <div>
        <p>${title}</p>
        <p class="meta">${found.variant.size === "one" ? t("product.size.one") : found.variant.size}</p>
        <div class="steps" role="group" aria-label=${t("cart.quantity", { title })}>
          <button class="round" aria-label=${quantity > 1 ? t("cart.less", { title }) : t("common.remove.line", { title })} @click=${set(quantity - 1)}>
            <ls-icon name=${quantity > 1 ? "minus" : "trash-2"}></ls-icon>
          </button>
          <output class="tabular">${quantity}</output>
          <button class="round" aria-label=${t("cart.more", { title })} @click=${set(quantity + 1)}><ls-icon name="plus"></ls-icon></button>
        </div>
      </div>
      <p class="tabular">${texts.money({ ...price, amount: price.amount * quantity })}</p>
    </li>`;
  }

  #checkout = () => {
    const detail = new URLSearchParams({ bag: "1", lang: boot.language }).toString();
    this.dispatchEvent(new CustomEvent("checkout", { detail, bubbles: true, composed: true }));
  };
}

/** A text with something else in the place of its bar. @param {string} text @param {unknown} inner */
function around(text, inner) {
  const [before, after] = text.split("|");
  return html`${before}${inner}${after}`;
}

customElements.define("ls-bag", Bag);
