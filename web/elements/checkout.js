/**
 * `<ls-checkout>`: the checkout document. What is ordered, where it goes, how it is paid, and the total with VAT and shipping
 * directly above the button that obliges to pay. A known shopper sees all of it at once. Inside the show's page it tells how it goes.
 */
import { LitElement, html, nothing } from "lit";
import { FIELDS, LONGEST, body, problems } from "../models/address.js";
import { wanted } from "../models/wanted.js";
import { boot, t, texts } from "../page.js";
import { api, cart, clock, holds, loadMe, me } from "../shop.js";
import { checkoutStyle } from "./checkout-style.js";
import { base, buttons, fields } from "./shared.js";
import "./countdown.js";
import "./icon.js";
import "./sums.js";

/** @typedef {import("../models/address.js").Field} Field */

const BEHAVIOURS = ["approve", "decline", "challenge", "slow"];
const EMBEDDED = window.parent !== window;
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
const AUTOCOMPLETE = {
  email: "email",
  name: "name",
  line1: "address-line1",
  line2: "address-line2",
  postal_code: "postal-code",
  city: "address-level2",
  country: "country",
};

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
  #shop = { countries: [], payment_methods: [], withdrawal_days: 14 };
  /** @type {import("../models/address.js").Delivery} */
  #delivery = { email: "", name: "", line1: "", line2: "", postal_code: "", city: "", country: "DE" };
  #behaviour = "approve";
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
      this.#shop = shop;
      const running = holds.running(clock.now()).map((hold) => hold.hold);
      this.#wanted = wanted(new URLSearchParams(location.search), cart.lines, running);
      if (me.address) Object.assign(this.#delivery, me.address, { line2: me.address.line2 ?? "", email: me.email ?? "" });
      this.editing = Object.keys(problems(this.#delivery)).length > 0;
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
    this.quote = await api.post(`/api/checkout/quote?lang=${boot.language}`, { holds, lines, country: this.#delivery.country });
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
        return this.#receipt();
      default:
        return this.#form();
    }
  }

  #form() {
    if (!this.quote?.lines.length) return html`<p>${t("checkout.empty")}</p>`;
    return html`<form novalidate @submit=${this.#submit}>
      <h1 class=${EMBEDDED ? "hidden-but-read" : ""}>${t("checkout.title")}</h1>
      ${this.#reserved()}
      <section aria-label=${t("checkout.summary")}>${this.#lines()}</section>
      ${this.editing ? this.#fields() : this.#known()} ${this.#payment()}
      <div class="pay">
        ${this.refusal ? html`<p class="alert" role="alert" tabindex="-1">${this.refusal}</p>` : nothing}
        <ls-sums .figures=${this.quote}></ls-sums>
        <button class="primary wide" data-order ?disabled=${!this.quote.ready || this.phase === "paying"}>
          ${t(this.phase === "paying" ? "checkout.paying" : "checkout.order")}
        </button>
        ${this.phase === "paying"
          ? html`<progress aria-label=${t("checkout.paying")}></progress>`
          : html`<p class="meta">${this.#days()}</p>`}
        <p class="terms">${this.#terms()}</p>
        ${boot.demo ? html`<p class="terms">${t("site.demo")}</p>` : nothing}
      </div>
    </form>`;
  }

  #reserved() {
    const until = this.quote.expires_at;
    if (!until) return nothing;
    const [before, after] = t("checkout.reserved", { time: "|" }).split("|");
    return html`<p class="meta">${before}<ls-countdown .until=${Date.parse(until)} @over=${this.#expired}></ls-countdown>${after}</p>`;
  }

  #lines() {
    return html`<ul class="lines">
      ${this.quote.lines.map(
        (/** @type {any} */ line) => html`<li>
          <div class="photo"><img src=${line.picture ?? ""} alt="" width="48" height="60" /></div>
          <div>
            <p>${line.title || line.variant}</p>
            <p class="meta">
              ${[line.size === "one" ? t("product.size.one") : line.size, line.quantity > 1 ? `× ${line.quantity}` : "", line.material].filter(Boolean).join(" · ")}
            </p>
            ${line.problem ? html`<p class="meta bad">${problem(line)}</p>` : nothing}
          </div>
          <p class="tabular">${line.problem ? "" : texts.money(line.total)}</p>
        </li>`,
      )}
    </ul>`;
  }

  #known() {
    const { email, name, line1, postal_code, city } = this.#delivery;
    return html`<div class="known">
      <p>${name}, ${line1}, ${postal_code} ${city}<br /><span class="meta">${email}</span></p>
      <button type="button" class="bare" @click=${() => (this.editing = true)}>${t("common.change")}</button>
    </div>`;
  }

  #fields() {
    return html`<fieldset>
      <legend>${t("checkout.address")}</legend>
      <div class="grid">${FIELDS.map((field) => this.#field(field))}</div>
    </fieldset>`;
  }

  /** @param {Field} field */
  #field(field) {
    const wrong = this.wrong[field];
    const whole = field !== "postal_code" && field !== "city";
    const common = { value: this.#delivery[field], label: t(`checkout.${field}`) };
    const control =
      field === "country"
        ? html`<select id=${field} name=${field} autocomplete="country" @change=${this.#country}>
            ${this.#shop.countries.map(
              (/** @type {{code: string}} */ { code }) =>
                html`<option value=${code} ?selected=${code === common.value}>${texts.country(code)}</option>`,
            )}
          </select>`
        : html`<input
            id=${field}
            name=${field}
            type=${field === "email" ? "email" : "text"}
            autocomplete=${AUTOCOMPLETE[field]}
            maxlength=${LONGEST[field]}
            .value=${common.value}
            ?required=${field !== "line2"}
            aria-invalid=${wrong ? "true" : "false"}
            aria-describedby=${wrong ? `${field}-wrong` : nothing}
            @input=${this.#input}
          />`;
    return html`<div class="field ${whole ? "all" : ""}">
      <label for=${field}>${common.label}</label>${control}
      ${wrong ? html`<p class="wrong" id="${field}-wrong">${t(wrong)}</p>` : nothing}
    </div>`;
  }

  #payment() {
    if (!this.#shop.payment_methods.includes("sandbox")) return nothing;
    return html`<fieldset>
      <legend>${t("checkout.sandbox")}</legend>
      <div class="ways">
        ${BEHAVIOURS.map(
          (behaviour) => html`<label>
            <input type="radio" name="behaviour" value=${behaviour} ?checked=${behaviour === this.#behaviour} @change=${() => (this.#behaviour = behaviour)} />
            ${t(`checkout.sandbox.${behaviour}`)}
          </label>`,
        )}
      </div>
    </fieldset>`;
  }

  #days() {
    const days = this.#shop.countries.find((/** @type {any} */ country) => country.code === this.#delivery.country)?.days;
    return days ? t("checkout.days", { from: days[0], to: days[1] }) : "";
  }

  #terms() {
    const names = ["terms", "withdrawal", "privacy"];
    const marked = t("checkout.terms", { terms: "|terms|", withdrawal: "|withdrawal|", privacy: "|privacy|", days: this.#shop.withdrawal_days });
    return marked
      .split("|")
      .map((part) => (names.includes(part) ? html`<a href="/legal/${part}" target="_blank">${t(`legal.${part}`)}</a>` : part));
  }

  #receipt() {
    const { number, total, email, order } = this.order;
    return html`<div class="view receipt" data-receipt=${order}>
      <h1 tabindex="-1">${t("receipt.title")}</h1>
      <p>${t("receipt.text", { email })}</p>
      <p class="tabular">${number ? t("receipt.number", { number }) : ""} · ${texts.money(total)}</p>
      <div class="row">
        ${EMBEDDED ? html`<button class="primary" data-leave @click=${() => tell({ type: "leave" })}>${t("receipt.show")}</button>` : nothing}
        <a class="button" href="/orders/${order}" target=${EMBEDDED ? "_blank" : "_self"}>${t("receipt.order")}</a>
      </div>
    </div>`;
  }

  #input = (/** @type {InputEvent} */ event) => {
    const { name, value } = /** @type {HTMLInputElement} */ (event.target);
    this.#delivery[/** @type {Field} */ (name)] = value;
    if (this.wrong[/** @type {Field} */ (name)]) this.wrong = { ...this.wrong, [name]: undefined };
  };

  #country = async (/** @type {Event} */ event) => {
    this.#delivery.country = /** @type {HTMLSelectElement} */ (event.target).value;
    await this.#price().catch(() => (this.refusal = t("error.offline")));
    this.requestUpdate();
  };

  #expired = () => this.#price().catch(() => {});

  #submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    this.wrong = problems(this.#delivery);
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
    const payment = { method: "sandbox", behaviour: this.#behaviour };
    try {
      const answer = await api.post("/api/checkout", { ...this.#wanted, payment, ...body(this.#delivery), language: boot.language }, this.#key);
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

/** Tells the page around this document. @param {object} message */
function tell(message) {
  parent.postMessage(message, location.origin);
}

/** @param {{problem: string, left: number}} line */
function problem({ problem: kind, left: count }) {
  if (kind === "sold-out") return count > 0 ? t("checkout.line.left", { count }) : t("checkout.line.soldout");
  return t(`checkout.line.${kind}`);
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
