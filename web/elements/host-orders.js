/** <ls-orders>: the newest orders, with a search and the list as a file. */

import { LitElement, css, html } from "lit";

import { t } from "../page.js";
import { api } from "../shop.js";
import { Rows, list, listPart } from "./host-list.js";
import "./host-order.js";
import { base, fields } from "./shared.js";

/** One screenful; older ones are found by searching. */
const LIMIT = 30;

/** @typedef {import("./host-order.js").Order} Order */

export class Orders extends LitElement {
  static styles = [
    base,
    fields,
    list,
    css`
      :host {
        grid-template-rows: auto minmax(0, 1fr);
      }
      p {
        padding-block: var(--space-3);
      }
    `,
  ];

  constructor() {
    super();
    this.search = "";
    /** @type {Rows<Order>} */
    this.orders = new Rows(
      this,
      () => this.#load(),
      "host.orders.failed",
    );
  }

  render() {
    return html`
      <div class="field">
        <label for="search">${t("host.orders.search")}</label>
        <input id="search" type="search" autocomplete="off" @input=${this.#find} />
        <a href="/api/orders.csv" download data-csv>${t("host.orders.csv")}</a>
      </div>
      ${listPart(
        "host.orders",
        this.orders,
        (order) => order.order,
        (order) => html`<li data-order=${order.order}>
          <ls-host-order .order=${order} @changed=${() => this.orders.load()}></ls-host-order>
        </li>`,
      )}
    `;
  }

  /** What was paid too late stands first: whoever asks for their money is looked up here, too. */
  async #load() {
    const query = `q=${encodeURIComponent(this.search)}`;
    const [late, orders] = await Promise.all([
      api.get(`/api/orders?state=late&${query}`),
      api.get(`/api/orders?limit=${LIMIT}&${query}`),
    ]);
    return [...late.orders, ...orders.orders];
  }

  /** @param {Event} event */
  #find(event) {
    this.search = /** @type {HTMLInputElement} */ (event.target).value.trim();
    void this.orders.load();
  }
}

customElements.define("ls-orders", Orders);
