/** `<ls-order order>`: an order's state, its pieces, its sums, and the withdrawal function. */
import { LitElement, css, html, nothing } from "lit";
import { POLL_MS, UNFINISHED } from "../models/order-states.js";
import { t, texts } from "../page.js";
import { api } from "../shop.js";
import { base, buttons, fields, piece } from "./shared.js";
import "./icon.js";
import "./sums.js";

export class Order extends LitElement {
  static properties = {
    order: { type: String },
    found: { state: true },
    missing: { state: true },
    asking: { state: true },
    refusal: { state: true },
  };

  static styles = [
    base,
    buttons,
    fields,
    piece,
    css`
      :host {
        display: block;
        max-inline-size: 60rem;
      }
      .head {
        display: grid;
        gap: var(--space-2);
        padding-block-end: var(--space-6);
      }
      h1 {
        font-size: var(--text-3xl);
      }
      .columns {
        display: grid;
        gap: var(--space-7);
      }
      @media (min-width: 52rem) {
        .columns {
          grid-template-columns: 1.4fr 1fr;
        }
      }
      ul {
        list-style: none;
        margin: 0;
        padding: 0;
      }
      li {
        display: grid;
        grid-template-columns: 5.5rem 1fr auto;
        gap: var(--space-4);
        padding-block: var(--space-4);
        border-block-start: var(--hairline);
      }
      .side {
        display: grid;
        gap: var(--space-5);
        align-content: start;
      }
      h2 {
        font-size: var(--text-m);
        font-family: var(--sans);
        font-weight: 500;
        padding-block-end: var(--space-1);
      }
      form {
        display: grid;
        gap: var(--space-4);
        padding-block-start: var(--space-4);
      }
      progress {
        appearance: none;
        inline-size: 12rem;
        block-size: 2px;
        background: var(--line);
        border: 0;
      }
      .bad {
        color: var(--accent);
      }
    `,
  ];

  constructor() {
    super();
    this.order = "";
    /** @type {any} */
    this.found = null;
    this.missing = false;
    this.asking = false;
    this.refusal = "";
  }

  async firstUpdated() {
    await this.#load();
    // Back from a bank's or wallet's page: what came of it need not wait for the provider's message.
    if (UNFINISHED.includes(this.found?.state)) api.post(`/api/orders/${encodeURIComponent(this.order)}/payment`, {}).catch(() => {});
  }

  async #load() {
    try {
      this.found = await api.get(`/api/orders/${encodeURIComponent(this.order)}`);
      if (UNFINISHED.includes(this.found.state)) setTimeout(() => this.#load(), POLL_MS);
    } catch (refusal) {
      this.missing = /** @type {import("../models/api.js").Refusal} */ (refusal).status === 404;
      if (!this.missing) setTimeout(() => this.#load(), 3 * POLL_MS);
    }
  }

  render() {
    if (this.missing) {
      return html`<div class="head"><h1>${t("order.title")}</h1><p>${t("order.missing")}</p><p class="meta">${t("order.missing.text")}</p></div>`;
    }
    const order = this.found;
    if (!order) return html`<p class="meta" role="status">${t("common.loading")}</p>`;
    const waiting = UNFINISHED.includes(order.state);
    // Only what was paid can be withdrawn from.
    const calledOff = order.state === "cancelled" && order.withdrawal !== null;
    return html`<div class="head">
        <p class="meta tabular">
          ${order.number ? html`${t("order.number", { number: order.number })} · ` : nothing}${t("order.placed", { when: texts.moment(order.created_at) })}
        </p>
        <h1 data-state=${order.state} aria-live="polite">${t(`order.state.${calledOff ? "called-off" : order.state}`)}</h1>
        ${calledOff ? html`<p>${t("order.called-off.text")}</p>` : nothing}
        ${order.reason ? html`<p>${t(`order.reason.${order.reason}`)}</p>` : nothing}
        ${waiting ? html`<progress aria-label=${t("common.loading")}></progress>` : nothing}
        ${order.action ? html`<p><a class="button primary" href=${order.action.url}>${t("checkout.challenge.go")}</a></p>` : nothing}
      </div>
      <div class="columns">
        <ul>${order.lines.map((/** @type {any} */ line) => this.#line(line))}</ul>
        <div class="side">
          <ls-sums .figures=${order}></ls-sums>
          ${this.#delivery(order)} ${this.#withdrawal(order)}
        </div>
      </div>`;
  }

  /** @param {any} line */
  #line(line) {
    const size = line.size === "one" ? t("product.size.one") : line.size;
    return html`<li>
      <div class="photo"><img src=${line.picture ?? ""} alt="" width="88" height="110" /></div>
      <div>
        <p>${line.title}</p>
        <p class="meta">${size}</p>
        <p class="meta">${line.material}</p>
        ${line.quantity > 1
          ? html`<p class="meta tabular">${t("order.quantity", { count: line.quantity, price: texts.money(line.price) })}</p>`
          : nothing}
      </div>
      <p class="tabular">${texts.money(line.total)}</p>
    </li>`;
  }

  /** @param {any} order */
  #delivery({ address, email, withdrawal }) {
    return html`<div>
        <h2>${t("order.delivery")}</h2>
        <p class="meta">${address.name}<br />${address.line1}${address.line2 ? html`<br />${address.line2}` : nothing}<br />
          ${address.postal_code} ${address.city}<br />${texts.country(address.country)}</p>
      </div>
      <div>
        <h2>${t("order.receipt")}</h2>
        <p class="meta">${email}</p>
        ${withdrawal ? html`<p class="meta"><a href="/orders/${this.order}/receipt" data-print>${t("order.print")}</a></p>` : nothing}
      </div>`;
  }

  /** @param {any} order */
  #withdrawal(order) {
    const { withdrawal } = order;
    if (!withdrawal) return nothing;
    if (withdrawal.declared_at) return html`<p>${t("order.withdraw.done", { when: texts.moment(withdrawal.declared_at) })}</p>`;
    return html`<div>
      <h2>${t("legal.withdrawal")}</h2>
      <p class="meta">${t("order.withdraw.text", { until: texts.date(withdrawal.until) })}</p>
      ${this.asking ? this.#declaration(order) : html`<p><button @click=${this.#ask}>${t("order.withdraw")}</button></p>`}
    </div>`;
  }

  /** @param {any} order */
  #declaration({ address, email }) {
    return html`<form @submit=${this.#withdraw}>
      <div class="field"><label for="name">${t("checkout.name")}</label><input id="name" name="name" required autocomplete="name" .value=${address.name} /></div>
      <div class="field"><label for="email">${t("checkout.email")}</label><input id="email" name="email" type="email" required autocomplete="email" .value=${email} /></div>
      ${this.refusal ? html`<p class="bad" role="alert">${this.refusal}</p>` : nothing}
      <button class="primary">${t("order.withdraw.confirm")}</button>
    </form>`;
  }

  #ask = async () => {
    this.asking = true;
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("form input"))?.focus();
    this.renderRoot.querySelector("form")?.scrollIntoView({ block: "nearest" });
  };

  #withdraw = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    try {
      this.found = await api.post(`/api/orders/${this.order}/withdrawal`, { name: form.get("name"), email: form.get("email") });
    } catch (refusal) {
      this.refusal = /** @type {Error} */ (refusal).message;
    }
  };
}

customElements.define("ls-order", Order);
