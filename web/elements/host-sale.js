/**
 * <ls-sale>: the drops that run, with what is left of each, and the form for one that is not in the run of show.
 * Announces `sale-drop` {plan, title} and `sale-end` {id, title}.
 */

import { LitElement, css, html, nothing } from "lit";

import { DRAW_MS, OPENS_AFTER_MS, OPEN_MS } from "../models/host-stage.js";
import { opensAt } from "../models/drop.js";
import { span } from "../models/texts.js";
import { t } from "../page.js";
import { base, buttons, fields } from "./shared.js";

/** A dozen sells within a minute and is still a drop. */
const QUANTITY = 12;

/**
 * @typedef {{sku: string, title: string, variants: {id: string, size: string, left: number}[]}} Product
 * @typedef {{id: string, state: string, sku?: string, variant?: string, quantity?: number, left?: number, opens_at_ms?: number}} Drop
 */

export class Sale extends LitElement {
  static properties = {
    drops: { attribute: false },
    products: { attribute: false },
    now: { attribute: false },
    waits: { attribute: false },
    sku: { state: true },
  };

  static styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: block;
      }
      h2 {
        font: 600 var(--text-m) / 1.3 var(--sans);
        padding-block: var(--space-3) var(--space-2);
      }
      ul {
        list-style: none;
        margin: 0;
        padding: 0;
      }
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--space-1) var(--space-3);
        padding-block: var(--space-2);
        border-block-end: var(--hairline);
      }
      progress {
        grid-column: 1 / -1;
        inline-size: 100%;
        block-size: 4px;
        appearance: none;
        border: 0;
        background: var(--line);
      }
      progress::-webkit-progress-bar {
        background: var(--line);
      }
      progress::-webkit-progress-value {
        background: var(--accent);
      }
      progress::-moz-progress-bar {
        background: var(--accent);
      }
      .about {
        font-size: var(--text-s);
        color: var(--ink-soft);
      }
      summary {
        min-block-size: var(--touch);
        align-content: center;
        cursor: pointer;
      }
      form {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: var(--space-3);
        padding-block-end: var(--space-4);
      }
      .wide {
        grid-column: 1 / -1;
      }
      .check {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        min-block-size: var(--touch);
        font-size: var(--text-s);
      }
      .check input {
        inline-size: 1.25rem;
        block-size: 1.25rem;
        accent-color: var(--ink);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly Drop[]} */
    this.drops = [];
    /** @type {readonly Product[]} */
    this.products = [];
    this.now = 0;
    this.sku = "";
    /** Whether a drop's end waits for its second press. @type {(id: string | null) => boolean} */
    this.waits = () => false;
  }

  render() {
    const product = this.products.find((one) => one.sku === this.sku) ?? this.products[0];
    return html`
      <h2>${t("host.sale")}</h2>
      ${this.drops.length === 0
        ? html`<p class="soft about">${t("host.sale.empty")}</p>`
        : html`<ul>
            ${this.drops.map((drop) => this.#drop(drop))}
          </ul>`}
      <details>
        <summary>${t("host.sale.new")}</summary>
        ${product ? this.#form(product) : nothing}
      </details>
    `;
  }

  /** @param {Drop} drop */
  #drop(drop) {
    const title = this.products.find((product) => product.sku === drop.sku)?.title ?? t("host.sale.secret");
    const size = this.products.flatMap((product) => product.variants).find((variant) => variant.id === drop.variant)?.size;
    const opens = opensAt(/** @type {any} */ (drop));
    const before = drop.state === "revealed" && opens !== null && opens > this.now;
    const [left, total] = [drop.left ?? drop.quantity ?? 0, drop.quantity ?? 0];
    return html`<li data-drop=${drop.id} data-state=${drop.state}>
      <span>
        ${title}${size ? html` <span class="about">${size}</span>` : nothing}<br />
        <span class="about tabular">
          ${before ? t("host.sale.opens", { time: span(opens - this.now) }) : t(`host.drop.${drop.state}`)}
          ${total ? html` · ${t("host.left", { left, total })}` : nothing}
        </span>
      </span>
      ${drop.state === "sold-out"
        ? nothing
        : html`<button
            aria-label=${`${t("host.row.end")}: ${title}`}
            @click=${() => this.dispatchEvent(new CustomEvent("sale-end", { detail: { id: drop.id, title } }))}
          >
            ${t(this.waits(drop.id) ? "host.row.really" : "host.row.end")}
          </button>`}
      ${total ? html`<progress aria-label=${t("host.left", { left, total })} max=${total} value=${left}></progress>` : nothing}
    </li>`;
  }

  /** @param {Product} product */
  #form(product) {
    return html`<form @submit=${this.#submit}>
      <div class="field wide">
        <label for="sku">${t("host.sale.product")}</label>
        <select id="sku" name="sku" @change=${(/** @type {Event} */ event) => (this.sku = /** @type {HTMLSelectElement} */ (event.target).value)}>
          ${this.products.map((one) => html`<option value=${one.sku} ?selected=${one.sku === product.sku}>${one.title}</option>`)}
        </select>
      </div>
      <div class="field">
        <label for="variant">${t("host.sale.size")}</label>
        <select id="variant" name="variant">
          ${product.variants.map(
            (one) => html`<option value=${one.id} ?disabled=${one.left === 0}>
              ${t("host.sale.size-left", { size: one.size, left: one.left })}
            </option>`,
          )}
        </select>
      </div>
      ${this.#number("quantity", QUANTITY, 1, 100_000)} ${this.#number("per_customer", 1, 1, 100)}
      ${this.#number("opens_after", OPENS_AFTER_MS / 1000, 0, 600)} ${this.#number("draw", DRAW_MS / 1000, 0, 20)}
      ${this.#number("open", OPEN_MS / 1000, 10, 86_400)}
      <label class="wide check"><input type="checkbox" name="confirm_email" /> ${t("host.sale.confirm")}</label>
      <button class="wide">${t("host.sale.do")}</button>
    </form>`;
  }

  /** @param {string} name @param {number} value @param {number} min @param {number} max */
  #number(name, value, min, max) {
    return html`<div class="field">
      <label for=${name}>${t(`host.sale.${name}`)}</label>
      <input id=${name} name=${name} type="number" required inputmode="numeric" .defaultValue=${String(value)} min=${min} max=${max} />
    </div>`;
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const number = (/** @type {string} */ name) => Number(form.get(name));
    const sku = String(form.get("sku"));
    const plan = {
      sku,
      variant: String(form.get("variant")),
      quantity: number("quantity"),
      per_customer: number("per_customer"),
      opens_after_ms: number("opens_after") * 1000,
      draw_ms: number("draw") * 1000,
      open_ms: number("open") * 1000,
      confirm_email: form.has("confirm_email"),
    };
    const title = this.products.find((product) => product.sku === sku)?.title ?? sku;
    this.dispatchEvent(new CustomEvent("sale-drop", { detail: { plan, title } }));
    /** @type {HTMLDetailsElement | null} */ (this.renderRoot.querySelector("details"))?.removeAttribute("open");
  }
}

customElements.define("ls-sale", Sale);
