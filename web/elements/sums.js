/** `<ls-sums>`: goods, shipping, VAT and the total of a quote or an order. */
import { LitElement, css, html, nothing } from "lit";
import { t, texts } from "../page.js";
import { base } from "./shared.js";

/** @typedef {import("../shop.js").Money} Money */
/** @typedef {{subtotal: Money, shipping: Money, vat: {percent: number, vat: Money}[], total: Money, refunded?: Money}} Figures */

export class Sums extends LitElement {
  static properties = { figures: { attribute: false } };

  static styles = [
    base,
    css`
      dl {
        margin: 0;
        display: grid;
        grid-template-columns: 1fr auto;
        gap: var(--space-1) var(--space-4);
        font-size: var(--text-s);
        font-variant-numeric: tabular-nums;
      }
      dd {
        margin: 0;
        text-align: end;
      }
      .soft {
        color: var(--ink-soft);
      }
      .total {
        font-size: var(--text-l);
        font-weight: 500;
        padding-block-start: var(--space-2);
      }
      dt.total {
        font-size: var(--text-m);
        align-self: end;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Figures | null} */
    this.figures = null;
  }

  render() {
    if (!this.figures) return nothing;
    const { subtotal, shipping, vat, total, refunded } = this.figures;
    return html`<dl>
      <dt>${t("checkout.subtotal")}</dt>
      <dd>${texts.money(subtotal)}</dd>
      <dt>${t("checkout.shipping")}</dt>
      <dd data-shipping>${shipping.amount ? texts.money(shipping) : t("checkout.shipping.free")}</dd>
      <dt class="total">${t("checkout.total")}</dt>
      <dd class="total" data-total>${texts.money(total)}</dd>
      ${vat.map(
        (part) => html`<dt class="soft">${t("checkout.vat", { percent: texts.number(part.percent) })}</dt>
          <dd class="soft" data-vat>${texts.money(part.vat)}</dd>`,
      )}
      ${refunded?.amount ? html`<dt>${t("order.refunded")}</dt><dd>${texts.money(refunded)}</dd>` : nothing}
    </dl>`;
  }
}

customElements.define("ls-sums", Sums);
