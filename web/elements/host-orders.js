/** <ls-orders>: the newest orders, with a search and a refund in two deliberate steps. */

import { LitElement, css, html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";

import { t, texts } from "../page.js";
import { api } from "../shop.js";
import { base, buttons, fields } from "./shared.js";

const REFRESH_MS = 5000;
/** One screenful; older ones are found by searching. */
const LIMIT = 30;
const REFUNDABLE = ["paid", "packed", "shipped", "ready-for-pickup", "delivered", "part-refunded", "returned"];

/**
 * @typedef {{order: string, number: string | null, state: string, created_at: string, email: string, name: string,
 *   total: {amount: number, currency: string}, refunded: {amount: number, currency: string}}} Order
 */

export class Orders extends LitElement {
  static properties = {
    orders: { state: true },
    asked: { state: true },
    busy: { state: true },
    problem: { state: true },
  };

  static styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: grid;
        grid-template-rows: auto minmax(0, 1fr);
        min-block-size: 0;
      }
      ol {
        list-style: none;
        margin: 0;
        padding: 0;
        overflow-y: auto;
        font-size: var(--text-s);
      }
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: var(--space-1) var(--space-3);
        align-items: center;
        padding-block: var(--space-2);
        border-block-end: var(--hairline);
      }
      .sum {
        text-align: end;
      }
      .acts {
        grid-column: 1 / -1;
        display: flex;
        gap: var(--space-2);
      }
      .problem {
        color: var(--accent);
      }
      p {
        padding-block: var(--space-3);
      }
    `,
  ];

  constructor() {
    super();
    /** Null before the first answer. @type {Order[] | null} */
    this.orders = null;
    /** The order whose refund waits for the second step. */
    this.asked = "";
    this.busy = "";
    this.problem = "";
    this.search = "";
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
  }

  connectedCallback() {
    super.connectedCallback();
    void this.#load();
    this.timer = setInterval(() => void this.#load(), REFRESH_MS);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  render() {
    return html`
      <div class="field">
        <label for="search">${t("host.orders.search")}</label>
        <input id="search" type="search" autocomplete="off" @input=${this.#find} />
      </div>
      ${this.#list()}
    `;
  }

  #list() {
    if (this.problem) return html`<p class="problem" role="alert">${t(this.problem)}</p>`;
    if (this.orders === null) return html`<p class="soft" aria-busy="true">…</p>`;
    if (this.orders.length === 0) return html`<p class="soft">${t("host.orders.empty")}</p>`;
    return html`<ol tabindex="0" aria-label=${t("host.orders")}>
      ${repeat(
        this.orders,
        (order) => order.order,
        (order) => this.#order(order),
      )}
    </ol>`;
  }

  /** @param {Order} order */
  #order(order) {
    const waits = this.asked === order.order;
    return html`<li data-order=${order.order}>
      <span>
        <a href=${`/orders/${order.order}`} target="_blank" rel="noopener">${order.number ?? order.order.slice(0, 12)}</a> ${order.name}<br />
        <span class="soft">${texts.time(order.created_at)} · ${t(`host.order.${order.state}`)}</span>
      </span>
      <span class="sum tabular">
        ${texts.money(order.total)}
        ${order.refunded.amount ? html`<br /><span class="soft">−${texts.money(order.refunded)}</span>` : nothing}
      </span>
      ${REFUNDABLE.includes(order.state) && order.refunded.amount < order.total.amount
        ? html`<span class="acts">
            ${waits
              ? html`<button ?disabled=${this.busy === order.order} @click=${() => this.#refund(order)}>
                    ${t("host.orders.refund.yes", { total: texts.money(rest(order)) })}
                  </button>
                  <button class="bare" @click=${() => (this.asked = "")}>${t("host.orders.refund.no")}</button>`
              : html`<button class="bare" @click=${() => (this.asked = order.order)}>${t("host.orders.refund")}</button>`}
          </span>`
        : nothing}
    </li>`;
  }

  /** @param {Event} event */
  #find(event) {
    this.search = /** @type {HTMLInputElement} */ (event.target).value.trim();
    void this.#load();
  }

  async #load() {
    if (document.hidden) return;
    const search = this.search;
    try {
      const { orders } = await api.get(`/api/orders?limit=${LIMIT}&q=${encodeURIComponent(search)}`);
      if (search !== this.search) return;
      this.orders = orders;
      this.problem = "";
    } catch {
      this.problem = "host.orders.failed";
    }
  }

  /** @param {Order} order */
  async #refund(order) {
    this.busy = order.order;
    try {
      // The same order and the same rest are the same refund, however often the button is hit.
      const key = `console-${order.order}-${order.refunded.amount}`.slice(0, 100);
      await api.post(`/api/orders/${encodeURIComponent(order.order)}/refund`, {}, key);
      this.asked = "";
      await this.#load();
    } catch {
      this.problem = "host.orders.refund.failed";
    }
    this.busy = "";
  }
}

/** @param {Order} order */
function rest({ total, refunded }) {
  return { amount: total.amount - refunded.amount, currency: total.currency };
}

customElements.define("ls-orders", Orders);
