/**
 * <ls-look>: the worn pieces with their sizes and advice, and the way into the cart. Announces `look-off` {id},
 * `look-size` {sku, variant} and `look-body` {body}.
 */

import { LitElement, html, nothing } from "lit";

import { advise, girths, together } from "../models/look-size.js";
import { t, texts } from "../page.js";
import { lookStyle } from "./fitting-look-style.js";

/**
 * @typedef {import("../models/look-pieces.js").Piece} Piece
 * @typedef {import("../models/look-size.js").Body} Body
 * @typedef {import("../models/look-size.js").Chart} Chart
 */

export class WornLook extends LitElement {
  static properties = {
    pieces: { attribute: false },
    charts: { attribute: false },
    body: { attribute: false },
    seen: { attribute: false },
    asked: { attribute: false },
  };

  static styles = lookStyle;

  constructor() {
    super();
    /** @type {readonly Piece[]} */
    this.pieces = [];
    /** Size charts by sku, as far as they are known. @type {Readonly<Record<string, Chart | null>>} */
    this.charts = {};
    /** @type {Body} */
    this.body = {};
    /** What the mirror's picture says about sizes, by garment. @type {Readonly<Record<string, {sizes: string[], reason: string}>>} */
    this.seen = {};
    /** Whether the shopper wanted to buy: missing sizes are then named. */
    this.asked = false;
  }

  render() {
    if (this.pieces.length === 0) return html`<p class="soft empty">${t("fitting.nothing-worn")}</p>`;
    return html`
      <ul>
        ${this.pieces.map((piece) => this.#piece(piece))}
      </ul>
      ${this.#measures()}
    `;
  }

  /** Puts the focus on the first piece that lacks a size. */
  askForSize() {
    const select = this.renderRoot.querySelector('select[aria-invalid="true"]');
    if (select instanceof HTMLElement) select.focus();
  }

  /** @param {Piece} piece */
  #piece(piece) {
    const { product, garment } = piece;
    return html`<li>
      <img src=${product.pictures[0] ?? ""} alt="" loading="lazy" decoding="async" />
      <div class="what">
        <span class="title">${product.title}</span>
        <span class="soft tabular">${texts.money(product.price)}</span>
        ${this.#advice(piece)}
      </div>
      ${this.#sizes(piece)}
      <button
        class="bare round"
        aria-label=${t("fitting.take-off", { title: product.title })}
        @click=${() => this.#tell("look-off", { id: garment.id })}
      >
        <ls-icon name="x"></ls-icon>
      </button>
    </li>`;
  }

  /** @param {Piece} piece */
  #sizes({ product, variant }) {
    if (product.left === 0) return html`<span class="soft gone">${t("fitting.sold-out")}</span>`;
    if (product.variants.length === 1) return html`<span class="soft gone">${t("fitting.one-size")}</span>`;
    const missing = this.asked && variant === null;
    return html`<select
      aria-label=${t("fitting.size-of", { title: product.title })}
      aria-invalid=${missing ? "true" : "false"}
      @change=${(/** @type {Event} */ event) =>
        this.#tell("look-size", {
          sku: product.sku,
          variant: /** @type {HTMLSelectElement} */ (event.target).value,
        })}
    >
      <option value="" ?selected=${variant === null} disabled>${t("fitting.size")}</option>
      ${product.variants.map(
        (one) => html`<option value=${one.id} ?selected=${one.id === variant?.id} ?disabled=${one.left === 0}>
          ${one.left === 0 ? t("fitting.size-gone", { size: one.size }) : one.size}
        </option>`,
      )}
    </select>`;
  }

  /** @param {Piece} piece */
  #advice({ product, garment }) {
    if (Object.keys(this.body).length === 0 || product.variants.length === 1) return nothing;
    const chart = this.charts[product.sku];
    if (chart === undefined) return nothing;
    const told = advise(garment.slot, chart, this.body);
    const advice = together(told, this.body.height === undefined ? undefined : this.seen[garment.id]);
    if (advice.kind === "cannot") return html`<span class="advice soft">${t(`fitting.advice.${advice.why}`)}</span>`;
    const sizes = advice.sizes.length === 1 ? advice.sizes[0] : `${advice.sizes[0]}–${advice.sizes.at(-1)}`;
    return html`<span class="advice">
      <b>${sizes}</b> · ${t(`fitting.advice.${advice.from}`)}
    </span>`;
  }

  #measures() {
    const wanted = new Set(["height", ...this.pieces.flatMap((piece) => girths(piece.garment.slot))]);
    return html`<details>
      <summary>${t("fitting.measures.title")}</summary>
      <p class="soft">${t("fitting.measures.text")}</p>
      <div class="measures">
        ${[...wanted].map(
          (name) => html`<label>
            <span>${t(`fitting.measure.${name}`)}</span>
            <span class="unit">
              <input
                name=${name}
                inputmode="decimal"
                autocomplete="off"
                maxlength="5"
                @input=${(/** @type {Event} */ event) => this.#measured(name, event)}
              />
              cm
            </span>
          </label>`,
        )}
      </div>
    </details>`;
  }

  /** @param {string} name @param {Event} event */
  #measured(name, event) {
    const text = /** @type {HTMLInputElement} */ (event.target).value.trim().replace(",", ".");
    const { [name]: _, ...others } = /** @type {Record<string, number>} */ (this.body);
    const value = Number(text);
    this.#tell("look-body", { body: text !== "" && Number.isFinite(value) ? { ...others, [name]: value } : others });
  }

  /** @param {string} name @param {unknown} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

customElements.define("ls-look", WornLook);
