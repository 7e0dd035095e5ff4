/**
 * `<ls-checkout>`: the checkout document. What is ordered, where it goes, how it is paid, and the total with VAT and shipping
 * directly above the button that obliges to pay. A known shopper sees all of it at once. Inside the show's page it tells how it goes.
 */
import { LitElement, html, nothing } from "lit";
import { body, problems } from "../models/address.js";
import { POLL_MS, UNFINISHED } from "../models/order-states.js";
import { reprices, sentence, unanswered, unpaid } from "../models/refusals.js";
import { wanted } from "../models/wanted.js";
import { boot, t } from "../page.js";
import { api, cart, clock, holds, loadMe, me } from "../shop.js";
import {
  EMBEDDED,
  back,
  confirmPart,
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
import { openStripe, stepPart, stripePart } from "./checkout-stripe.js";
import { checkoutStyle } from "./checkout-style.js";
import { base, buttons, fields, piece } from "./shared.js";
import "./icon.js";
import "./sums.js";

/** @typedef {import("../models/address.js").Field} Field */

export class Checkout extends LitElement {
  static properties = {
    phase: { state: true },
    quote: { state: true },
    editing: { state: true },
    wrong: { state: true },
    refusal: { state: true },
    order: { state: true },
  };

  static styles = [base, buttons, fields, piece, checkoutStyle];

  /** @type {import("../models/wanted.js").Wanted} */
  #wanted = { holds: [], lines: [] };
  /** @type {any} */
  shop = { countries: [], payment_methods: [], withdrawal_days: 14 };
  /** @type {import("../models/address.js").Delivery} */
  delivery = { email: "", name: "", line1: "", line2: "", postal_code: "", city: "", country: "DE" };
  behaviour = "approve";
  /** Whether the address was confirmed in this checkout. */
  confirmed = false;
  /** Stripe's form, once it is there. @type {import("../models/stripe.js").StripeForm | null} */
  #stripe = null;
  /** Both kept until there is an answer, so that a repetition cannot order twice. */
  #key = crypto.randomUUID();
  /** @type {object | null} */
  #payment = null;

  constructor() {
    super();
    /** @type {"loading" | "form" | "paying" | "waiting" | "step" | "done" | "away"} */
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
      if (shop.stripe && this.quote) await this.#open();
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
    const { country, email } = this.delivery;
    const asked = { holds, lines, country, email: email.trim() || null };
    this.quote = await api.post(`/api/checkout/quote?lang=${boot.language}`, asked);
    this.#stripe?.update(this.quote.total);
  }

  async #open() {
    this.#stripe = await openStripe(this).catch(() => null);
    this.refusal = this.#stripe ? "" : t("checkout.stripe.away");
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
      case "step":
        return stepPart(this);
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
      ${this.editing ? fieldsPart(this) : knownPart(this)} ${confirmPart(this)} ${this.shop.stripe ? stripePart() : paymentPart(this)}
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

  /** The address may be one that a drop knows, or wants to know. */
  addressed = () => {
    this.requestUpdate();
    if (this.quote.confirm_email || this.confirmed) this.#price().catch(() => {});
  };

  whenConfirmed = async () => {
    this.confirmed = true;
    this.refusal = "";
    await this.#price().catch(() => (this.refusal = t("error.offline")));
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("[data-order]"))?.focus();
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
    if (this.quote.confirm_email) await this.#confirm();
    else await this.#buy();
  };

  async #confirm() {
    this.requestUpdate();
    await this.updateComplete;
    const asking = /** @type {import("./confirm-email.js").ConfirmEmail | null} */ (this.renderRoot.querySelector("ls-confirm-email"));
    await asking?.begin();
  }

  async #buy() {
    this.phase = "paying";
    this.refusal = "";
    const payment = (this.#payment ??= await this.#pay());
    if (!payment) return;
    try {
      const answer = await api.post("/api/checkout", { ...this.#wanted, payment, ...body(this.delivery), language: boot.language }, this.#key);
      await this.#answered(answer);
    } catch (refusal) {
      this.#refused(/** @type {import("../models/api.js").Refusal} */ (refusal));
    }
  }

  /** How the customer pays; null when the payment form has something to say first. */
  async #pay() {
    if (!this.shop.stripe) return { method: "sandbox", behaviour: this.behaviour };
    if (!this.#stripe) await this.#open();
    const given = await this.#stripe?.token(this.delivery);
    if (given && "token" in given) return { method: "stripe", token: given.token };
    this.phase = "form";
    this.refusal = given?.wrong || this.refusal;
    this.#tellWhy();
    return null;
  }

  /** @param {any} answer */
  async #answered({ order, action }) {
    if (action?.type === "stripe") await this.step(order, action.client_secret);
    else if (action && action.url.startsWith("/")) location.assign(`${action.url}?${new URLSearchParams({ return: back(order) })}`);
    else if (action && !EMBEDDED) location.assign(action.url);
    else await this.#follow(order);
  }

  /** The next step in Stripe's own frame; what came of it the server asks Stripe. @param {string} order @param {string} secret */
  async step(order, secret) {
    this.phase = "waiting";
    if (!this.#stripe) {
      this.shop = await api.get("/api/shop");
      await this.#open();
    }
    await this.#stripe?.step(secret).catch(() => false);
    await api.post(`/api/orders/${order}/payment`, {}).catch(() => {});
    await this.#follow(order);
  }

  /** @param {import("../models/api.js").Refusal} refusal */
  #refused(refusal) {
    if (refusal.type === "in-progress") {
      setTimeout(() => this.#buy(), POLL_MS);
      return;
    }
    if (!unanswered(refusal)) {
      this.#key = crypto.randomUUID();
      this.#payment = null;
    }
    this.phase = "form";
    this.refusal = sentence(refusal, this.quote.lines, t);
    if (reprices(refusal)) this.#price().catch(() => {});
    this.#tellWhy();
  }

  async #tellWhy() {
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(".alert"))?.focus();
  }

  /** Waits for the payment's end. @param {string} id */
  async #follow(id) {
    if (this.phase !== "step") this.phase = "waiting";
    try {
      this.order = await api.get(`/api/orders/${id}`);
    } catch (refusal) {
      if (/** @type {import("../models/api.js").Refusal} */ (refusal).status === 404) return this.#begin();
    }
    if (this.order?.action) this.phase = "step";
    if (!this.order || UNFINISHED.includes(this.order.state)) setTimeout(() => this.#follow(id), POLL_MS);
    else if (this.order.state === "cancelled") this.#failed();
    else this.#done();
  }

  async #failed() {
    const why = unpaid(this.order.reason);
    this.#key = crypto.randomUUID();
    this.#payment = null;
    history.replaceState(null, "", back(""));
    await this.#begin();
    this.refusal = t(why);
    this.#tellWhy();
  }

  #done() {
    cart.bought(this.order.lines.map((/** @type {any} */ line) => line.variant));
    this.phase = "done";
    if (EMBEDDED) tell({ type: "paid", order: this.order.order });
    this.updateComplete.then(() => /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("h1"))?.focus());
  }
}

customElements.define("ls-checkout", Checkout);
