/**
 * `<ls-checkout>`: the checkout document. What is ordered, where it goes, how it is paid, and the total with VAT and shipping
 * directly above the button that obliges to pay. A known shopper sees all of it at once. Inside the show's page it tells how it goes.
 */
import { LitElement, html, nothing } from "lit";
import { body, problems } from "../models/address.js";
import { wanted } from "../models/wanted.js";
import { boot, t } from "../page.js";
import { api, cart, clock, holds, loadMe, me } from "../shop.js";
import {
  EMBEDDED,
  daysPart,
  fieldsPart,
  knownPart,
  linesPart,
  paymentPart,
  receiptPart,
  reservedPart,
  tell,
  termsPart,
} from "./checkout-parts.js";
import { checkoutStyle } from "./checkout-style.js";
import { base, buttons, fields } from "./shared.js";
import "./icon.js";
import "./sums.js";

/** @typedef {import("../models/address.js").Field} Field */

/** The server asks not to be asked more often. */
const POLL_MS = 1000;
const UNFINISHED = ["pending", "action-required"];
const REFUSALS = /** @type {Record<string, string>} */ ({
  "payment-declined": "checkout.declined",
  "hold-expired": "checkout.expired",
  "limit-reached": "checkout.limit",
  "card-number": "checkout.card",
  "payment-unavailable": "checkout.unavailable",
  busy: "drop.busy",
  offline: "error.offline",
});

export class Checkout extends LitElement {
  static properties = {
    phase: { state: true },
    quote: { state: true },
    editing: { state: true },
    wrong: { state: true },
    refusal: { state: true },
    order: { state: true },
  };

  static styles = [base, buttons, fields, checkoutStyle];

  /** @type {import("../models/wanted.js").Wanted} */
  #wanted = { holds: [], lines: [] };
  /** @type {any} */
  shop = { countries: [], payment_methods: [], withdrawal_days: 14 };
  /** @type {import("../models/address.js").Delivery} */
  delivery = { email: "", name: "", line1: "", line2: "", postal_code: "", city: "", country: "DE" };
  behaviour = "approve";
  /** Kept until there is an answer, so that a repetition cannot order twice. */
  #key = crypto.randomUUID();

  constructor() {
    super();
    /** @type {"loading" | "form" | "paying" | "waiting" | "done" | "away"} */
    this.phase = "loading";
    /** @type {any} */
    this.quote = null;
    this.editing = true;
    /** @type {Partial<Record<Field, string>>} */
    this.wrong = {};
    this.refusal = "";
    /** @type {any} */
    this.order = null;
  }

  firstUpdated() {
    const order = new URLSearchParams(location.search).get("order");
    if (order) this.#follow(order);
    else this.#begin();
  }

  async #begin() {
    this.phase = "loading";
    try {
      const [shop] = await Promise.all([api.get("/api/shop"), loadMe()]);
      this.shop = shop;
      const running = holds.running(clock.now()).map((hold) => hold.hold);
      this.#wanted = wanted(new URLSearchParams(location.search), cart.lines, running);
      if (me.address) Object.assign(this.delivery, me.address, { line2: me.address.line2 ?? "", email: me.email ?? "" });
      this.editing = Object.keys(problems(this.delivery)).length > 0;
      await this.#price();
      this.phase = "form";
      await this.updateComplete;
      if (EMBEDDED) tell({ type: "ready" });
    } catch {
      this.phase = "away";
    }
  }

  async #price() {
    const { holds, lines } = this.#wanted;
    if (!holds.length && !lines.length) return;
    this.quote = await api.post(`/api/checkout/quote?lang=${boot.language}`, { holds, lines, country: this.delivery.country });
  }

  render() {
    switch (this.phase) {
      case "loading":
        return html`<p class="meta" role="status">${t("common.loading")}</p>`;
      case "away":
        return html`<div class="view">
          <p role="alert">${t("error.offline")}</p>
          <button @click=${() => this.#begin()}>${t("common.retry")}</button>
        </div>`;
      case "waiting":
        return html`<div class="view" role="status"><h1>${t("checkout.paying")}</h1><progress aria-label=${t("checkout.paying")}></progress>
          <p>${t("checkout.pending")}</p></div>`;
      case "done":
        return receiptPart(this);
      default:
        return this.#form();
    }
  }

  #form() {
    if (!this.quote?.lines.length) return html`<p>${t("checkout.empty")}</p>`;
    return html`<form novalidate @submit=${this.#submit}>
      <h1 class=${EMBEDDED ? "hidden-but-read" : ""}>${t("checkout.title")}</h1>
      ${reservedPart(this)}
      <section aria-label=${t("checkout.summary")}>${linesPart(this)}</section>
      ${this.editing ? fieldsPart(this) : knownPart(this)} ${paymentPart(this)}
      <div class="pay">
        ${this.refusal ? html`<p class="alert" role="alert" tabindex="-1">${this.refusal}</p>` : nothing}
        <ls-sums .figures=${this.quote}></ls-sums>
        <button class="primary wide" data-order ?disabled=${!this.quote.ready || this.phase === "paying"}>
          ${t(this.phase === "paying" ? "checkout.paying" : "checkout.order")}
        </button>
        ${this.phase === "paying"
          ? html`<progress aria-label=${t("checkout.paying")}></progress>`
          : html`<p class="meta">${daysPart(this)}</p>`}
        <p class="terms">${termsPart(this)}</p>
        ${boot.demo ? html`<p class="terms">${t("site.demo")}</p>` : nothing}
      </div>
    </form>`;
  }

  input = (/** @type {InputEvent} */ event) => {
    const { name, value } = /** @type {HTMLInputElement} */ (event.target);
    this.delivery[/** @type {Field} */ (name)] = value;
    if (this.wrong[/** @type {Field} */ (name)]) this.wrong = { ...this.wrong, [name]: undefined };
  };

  country = async (/** @type {Event} */ event) => {
    this.delivery.country = /** @type {HTMLSelectElement} */ (event.target).value;
    await this.#price().catch(() => (this.refusal = t("error.offline")));
    this.requestUpdate();
  };

  expired = () => this.#price().catch(() => {});

  #submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    this.wrong = problems(this.delivery);
    const [first] = Object.keys(this.wrong);
    if (first) {
      this.editing = true;
      await this.updateComplete;
      /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(`#${first}`))?.focus();
      return;
    }
    await this.#buy();
  };

  async #buy() {
    this.phase = "paying";
    this.refusal = "";
    const payment = { method: "sandbox", behaviour: this.behaviour };
    try {
      const answer = await api.post("/api/checkout", { ...this.#wanted, payment, ...body(this.delivery), language: boot.language }, this.#key);
      if (answer.action) location.assign(`${answer.action.url}?${new URLSearchParams({ return: back(answer.order) })}`);
      else this.#follow(answer.order);
    } catch (refusal) {
      this.#refused(/** @type {import("../models/api.js").Refusal} */ (refusal));
    }
  }

  /** @param {import("../models/api.js").Refusal} refusal */
  #refused(refusal) {
    if (refusal.type === "in-progress") {
      setTimeout(() => this.#buy(), POLL_MS);
      return;
    }
    // Without an answer the order may stand: the same key asks for the same order.
    if (refusal.type !== "offline" && refusal.type !== "payment-unavailable") this.#key = crypto.randomUUID();
    this.phase = "form";
    this.refusal = sentence(refusal, this.quote);
    if (refusal.type === "sold-out" || refusal.type === "hold-expired") this.#price().catch(() => {});
    this.#tellWhy();
  }

  async #tellWhy() {
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(".alert"))?.focus();
  }

  /** Waits for the payment's end. @param {string} id */
  async #follow(id) {
    this.phase = "waiting";
    try {
      this.order = await api.get(`/api/orders/${id}`);
    } catch (refusal) {
      if (/** @type {import("../models/api.js").Refusal} */ (refusal).status === 404) return this.#begin();
    }
    if (!this.order || UNFINISHED.includes(this.order.state)) setTimeout(() => this.#follow(id), POLL_MS);
    else if (this.order.state === "cancelled") this.#failed();
    else this.#done();
  }

  async #failed() {
    const reason = this.order.reason === "expired" ? "order.reason.expired" : "checkout.declined";
    history.replaceState(null, "", back(""));
    await this.#begin();
    this.refusal = t(reason);
    this.#tellWhy();
  }

  #done() {
    cart.bought(this.order.lines.map((/** @type {any} */ line) => line.variant));
    this.phase = "done";
    if (EMBEDDED) tell({ type: "paid", order: this.order.order });
    this.updateComplete.then(() => /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("h1"))?.focus());
  }
}

/** This checkout's address, with an order to follow or without one. @param {string} order */
function back(order) {
  const query = new URLSearchParams(location.search);
  query.delete("order");
  if (order) query.set("order", order);
  return `/checkout?${query}`;
}

/** @param {import("../models/api.js").Refusal} refusal @param {any} quote */
function sentence(refusal, quote) {
  if (refusal.type === "sold-out") {
    const gone = (refusal.body.lines ?? []).map((/** @type {any} */ line) => line.variant);
    const titles = quote.lines.filter((/** @type {any} */ line) => gone.includes(line.variant)).map((/** @type {any} */ line) => line.title);
    return t("checkout.soldout", { titles: titles.join(", ") });
  }
  const key = REFUSALS[refusal.type];
  return key ? t(key) : refusal.message || t("error.internal");
}

customElements.define("ls-checkout", Checkout);
