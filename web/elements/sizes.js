/** `<ls-sizes>`: the sizes of a product with what is left of each. Says "size" with the variant's id. */
import { LitElement, css, html } from "lit";
import { t } from "../page.js";
import { base } from "./shared.js";

/** From here on the exact number is worth a word. */
const FEW = 5;

export class Sizes extends LitElement {
  static properties = { product: { attribute: false }, chosen: { type: String } };

  static styles = [
    base,
    css`
      fieldset {
        border: 0;
        margin: 0;
        padding: 0;
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
      }
      legend {
        padding: 0 0 var(--space-2);
        font-size: var(--text-s);
        color: var(--ink-soft);
      }
      button {
        appearance: none;
        font: inherit;
        color: inherit;
        background: none;
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        min-inline-size: 3.75rem;
        min-block-size: 3.25rem;
        padding: var(--space-1) var(--space-3);
        display: grid;
        align-content: center;
        justify-items: center;
        cursor: pointer;
        touch-action: manipulation;
        transition: background-color var(--fast), color var(--fast), border-color var(--fast);
      }
      button:hover {
        border-color: var(--ink);
      }
      button[aria-pressed="true"] {
        background: var(--ink);
        border-color: var(--ink);
        color: var(--paper);
      }
      button[aria-pressed="true"] small {
        color: inherit;
      }
      button:disabled {
        cursor: default;
        border-color: var(--line);
        border-style: dashed;
        color: var(--ink-soft);
      }
      strong {
        font-weight: 500;
      }
      small {
        font-size: 0.6875rem;
        line-height: 1.3;
        color: var(--ink-soft);
        font-variant-numeric: tabular-nums;
      }
      .few {
        color: var(--accent);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {import("../shop.js").Product | undefined} */
    this.product = undefined;
    this.chosen = "";
  }

  render() {
    return html`<fieldset>
      <legend>${t("product.size")}</legend>
      ${this.product?.variants.map(({ id, size, left }) => {
        const few = left > 0 && left <= FEW;
        return html`<button
          data-variant=${id}
          aria-pressed=${id === this.chosen ? "true" : "false"}
          ?disabled=${left <= 0}
          @click=${() => this.dispatchEvent(new CustomEvent("size", { detail: id }))}
        >
          <strong>${size === "one" ? t("product.size.one") : size}</strong>
          <small class=${few ? "few" : ""}>${left > 0 ? t("product.left", { count: left }) : t("product.soldout")}</small>
        </button>`;
      })}
    </fieldset>`;
  }
}

customElements.define("ls-sizes", Sizes);
