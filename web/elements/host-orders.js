/** <ls-orders>: the newest orders, with a search, the list as a file, and refunds and cancellations in two deliberate steps. */

import { LitElement, css, html, nothing } from "lit";

import { t, texts } from "../page.js";
import { api } from "../shop.js";
import { list, listPart } from "./host-list.js";
import { base, buttons, fields } from "./shared.js";

const REFRESH_MS = 5000;
/** One screenful; older ones are found by searching. */
const LIMIT = 30;
const REFUNDABLE = ["paid", "packed", "shipped", "ready-for-pickup", "delivered", "part-refunded", "returned"];

/** Nothing has left the house yet. */
const CANCELLABLE = ["pending", "action-required", "paid", "packed"];

/**
 * @typedef {{order: string, number: string | null, state: string, created_at: string, email: string, name: string,
 *   total: {amount: number, currency: string}, refunded: {amount: number, currency: string}, dispute: "open" | "lost" | "won" | null}} Order
 */

/** @typedef {{line: number, title: string, quantity: number, refunded: number, price: {amount: number, currency: string}}} Line */

export class Orders extends LitElement {
  static properties = {
    orders: { state: true },
    asked: { state: true },
    ending: { state: true },
    lines: { state: true },
    busy: { state: true },
    problem: { state: true },
  };

  static styles = [
    base,
    buttons,
    fields,
    list,
    css`
      :host {
        grid-template-rows: auto minmax(0, 1fr);
      }
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: var(--space-1) var(--space-3);
        align-items: center;
        padding-block: var(--space-2);
      }
      .sum {
        text-align: end;
      }
      .acts {
        grid-column: 1 / -1;
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
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
    /** The order whose refund, or whose end, waits for the second step. */
    this.asked = "";
    this.ending = "";
    /** What can still be refunded of the asked order, piece by piece. @type {Line[]} */
    this.lines = [];
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
        <a href="/api/orders.csv" download data-csv>${t("host.orders.csv")}</a>
      </div>
      ${this.#list()}
    `;
  }

  #list() {
    return listPart(
      { name: "host.orders", problem: this.problem, rows: this.orders },
      (order) => order.order,
      (order) => this.#order(order),
    );
  }

  /** @param {Order} order */
  #order(order) {
    return html`<li data-order=${order.order}>
      <span>
        <a href=${`/orders/${order.order}`} target="_blank" rel="noopener">${order.number ?? order.order.slice(0, 12)}</a> ${order.name}<br />
        <span class="soft">${texts.time(order.created_at)} · ${t(`host.order.${order.state}`)}</span>
        ${order.dispute ? html`<br /><span class=${order.dispute === "won" ? "soft" : "problem"}>${t(`host.dispute.${order.dispute}`)}</span>` : nothing}
      </span>
      <span class="sum tabular">
        ${texts.money(order.total)}
        ${order.refunded.amount ? html`<br /><span class="soft">−${texts.money(order.refunded)}</span>` : nothing}
      </span>
      <span class="acts">${this.#acts(order)}</span>
    </li>`;
  }

  /** @param {Order} order */
  #acts(order) {
    const busy = this.busy === order.order;
    const keep = html`<button class="bare" @click=${() => (this.asked = this.ending = "")}>${t("host.orders.refund.no")}</button>`;
    if (this.ending === order.order) {
      return html`<button ?disabled=${busy} data-end @click=${() => this.#cancel(order)}>${t("host.orders.cancel.yes")}</button>${keep}`;
    }
    if (this.asked === order.order) {
      return html`<button ?disabled=${busy} @click=${() => this.#refund(order)}>
          ${t("host.orders.refund.yes", { total: texts.money(rest(order)) })}
        </button>
        ${this.lines.map(
          (line) => html`<button class="bare" ?disabled=${busy} data-line=${line.line} @click=${() => this.#refund(order, line.line)}>
            ${t("host.orders.refund.line", { title: line.title, price: texts.money(line.price) })}
          </button>`,
        )}
        ${keep}`;
    }
    return html`${REFUNDABLE.includes(order.state) && order.refunded.amount < order.total.amount
      ? html`<button class="bare" data-refund @click=${() => this.#ask(order)}>${t("host.orders.refund")}</button>`
      : nothing}
    ${CANCELLABLE.includes(order.state)
      ? html`<button class="bare" data-cancel @click=${() => (this.ending = order.order)}>${t("host.orders.cancel")}</button>`
      : nothing}`;
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
  async #ask({ order }) {
    this.asked = order;
    this.lines = [];
    try {
      const { lines } = await api.get(`/api/orders/${encodeURIComponent(order)}`);
      if (this.asked === order) this.lines = lines.filter((/** @type {Line} */ line) => line.refunded < line.quantity);
    } catch {
      // The whole can be refunded without its lines.
    }
  }

  /**
   * All that is left, or one piece of a line.
   * @param {Order} order
   * @param {number} [line]
   */
  async #refund(order, line) {
    // The same order and the same rest are the same refund, however often the button is hit.
    const key = `console-${order.order}-${order.refunded.amount}-${line ?? "all"}`.slice(0, 100);
    const body = line === undefined ? {} : { lines: [{ line, quantity: 1 }] };
    await this.#act(order, "refund", body, key, "host.orders.refund.failed");
  }

  /** @param {Order} order */
  async #cancel(order) {
    await this.#act(order, "cancel", {}, `console-${order.order}-cancel`.slice(0, 100), "host.orders.cancel.failed");
  }

  /**
   * @param {Order} order
   * @param {string} what
   * @param {object} body
   * @param {string} key
   * @param {string} failed
   */
  async #act({ order }, what, body, key, failed) {
    this.busy = order;
    try {
      await api.post(`/api/orders/${encodeURIComponent(order)}/${what}`, body, key);
      this.asked = this.ending = "";
      await this.#load();
    } catch {
      this.problem = failed;
    }
    this.busy = "";
  }
}

/** @param {Order} order */
function rest({ total, refunded }) {
  return { amount: total.amount - refunded.amount, currency: total.currency };
}

customElements.define("ls-orders", Orders);
