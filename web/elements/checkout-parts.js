/** The checkout's parts: what is reserved and ordered, where it goes, how it is paid, and the receipt. */
import { html, nothing } from "lit";
import { FIELDS, LONGEST } from "../models/address.js";
import { t, texts } from "../page.js";
import "./confirm-email.js";
import "./countdown.js";

/** @typedef {import("./checkout.js").Checkout} Checkout */
/** @typedef {import("../models/address.js").Field} Field */

/** Whether the checkout is shown inside the show's page. */
export const EMBEDDED = window.parent !== window;
const BEHAVIOURS = ["approve", "decline", "challenge", "slow"];
const AUTOCOMPLETE = {
  email: "email",
  name: "name",
  line1: "address-line1",
  line2: "address-line2",
  postal_code: "postal-code",
  city: "address-level2",
  country: "country",
};

/** This checkout's address, with an order to follow or without one. @param {string} order */
export function back(order) {
  const query = new URLSearchParams(location.search);
  query.delete("order");
  if (order) query.set("order", order);
  return `/checkout?${query}`;
}

/** Tells the page around this document. @param {object} message */
export function tell(message) {
  parent.postMessage(message, location.origin);
}

/** @param {Checkout} checkout */
export function reservedPart(checkout) {
  const until = checkout.quote.expires_at;
  if (!until) return nothing;
  const [before, after] = t("checkout.reserved", { time: "|" }).split("|");
  return html`<p class="meta">${before}<ls-countdown .until=${Date.parse(until)} @over=${checkout.expired}></ls-countdown>${after}</p>`;
}

/** @param {Checkout} checkout */
export function linesPart(checkout) {
  return html`<ul class="lines">
    ${checkout.quote.lines.map(
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

/** @param {Checkout} checkout */
export function knownPart(checkout) {
  const { email, name, line1, postal_code, city } = checkout.delivery;
  return html`<div class="known">
    <p>${name}, ${line1}, ${postal_code} ${city}<br /><span class="meta">${email}</span></p>
    <button type="button" class="bare" @click=${() => (checkout.editing = true)}>${t("common.change")}</button>
  </div>`;
}

/** What a drop wants to know of the e-mail address, and that it knows. @param {Checkout} checkout */
export function confirmPart(checkout) {
  if (checkout.quote.confirm_email) {
    return html`<ls-confirm-email .email=${checkout.delivery.email.trim()} @confirmed=${checkout.whenConfirmed}></ls-confirm-email>`;
  }
  return checkout.confirmed ? html`<p class="meta" role="status">${t("confirm.done")}</p>` : nothing;
}

/** @param {Checkout} checkout */
export function fieldsPart(checkout) {
  return html`<fieldset>
    <legend>${t("checkout.address")}</legend>
    <div class="grid">${FIELDS.map((field) => fieldPart(checkout, field))}</div>
  </fieldset>`;
}

/** @param {Checkout} checkout @param {Field} field */
function fieldPart(checkout, field) {
  const wrong = checkout.wrong[field];
  const whole = field !== "postal_code" && field !== "city";
  const common = { value: checkout.delivery[field], label: t(`checkout.${field}`) };
  const control =
    field === "country"
      ? html`<select id=${field} name=${field} autocomplete="country" @change=${checkout.country}>
          ${checkout.shop.countries.map(
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
          @input=${checkout.input}
          @change=${field === "email" ? checkout.addressed : nothing}
        />`;
  return html`<div class="field ${whole ? "all" : ""}">
    <label for=${field}>${common.label}</label>${control}
    ${wrong ? html`<p class="wrong" id="${field}-wrong">${t(wrong)}</p>` : nothing}
  </div>`;
}

/** @param {Checkout} checkout */
export function paymentPart(checkout) {
  if (!checkout.shop.payment_methods.includes("sandbox")) return nothing;
  return html`<fieldset>
    <legend>${t("checkout.sandbox")}</legend>
    <div class="ways">
      ${BEHAVIOURS.map(
        (behaviour) => html`<label>
          <input type="radio" name="behaviour" value=${behaviour} ?checked=${behaviour === checkout.behaviour} @change=${() => (checkout.behaviour = behaviour)} />
          ${t(`checkout.sandbox.${behaviour}`)}
        </label>`,
      )}
    </div>
  </fieldset>`;
}

/** @param {Checkout} checkout */
export function daysPart(checkout) {
  const days = checkout.shop.countries.find((/** @type {any} */ country) => country.code === checkout.delivery.country)?.days;
  return days ? t("checkout.days", { from: days[0], to: days[1] }) : "";
}

/** @param {Checkout} checkout */
export function termsPart(checkout) {
  const names = ["terms", "withdrawal", "privacy"];
  const marked = t("checkout.terms", { terms: "|terms|", withdrawal: "|withdrawal|", privacy: "|privacy|", days: checkout.shop.withdrawal_days });
  return marked
    .split("|")
    .map((part) => (names.includes(part) ? html`<a href="/legal/${part}" target="_blank">${t(`legal.${part}`)}</a>` : part));
}

/** @param {Checkout} checkout */
export function receiptPart(checkout) {
  const { number, total, email, order, state } = checkout.order;
  const slow = state === "processing";
  return html`<div class="view receipt" data-receipt=${order}>
    <h1 tabindex="-1">${t(slow ? "checkout.processing.title" : "receipt.title")}</h1>
    <p>${t(slow ? "checkout.processing.text" : "receipt.text", { email })}</p>
    <p class="tabular">${number ? t("receipt.number", { number }) : ""} · ${texts.money(total)}</p>
    <div class="row">
      ${EMBEDDED ? html`<button class="primary" data-leave @click=${() => tell({ type: "leave" })}>${t("receipt.show")}</button>` : nothing}
      <a class="button" href="/orders/${order}" target=${EMBEDDED ? "_blank" : "_self"}>${t("receipt.order")}</a>
    </div>
  </div>`;
}

/** @param {{problem: string, left: number}} line */
function problem({ problem: kind, left: count }) {
  if (kind === "sold-out") return count > 0 ? t("checkout.line.left", { count }) : t("checkout.line.soldout");
  return t(`checkout.line.${kind}`);
}
