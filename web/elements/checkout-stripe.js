/** The checkout's side of Stripe's form: where it stands, what it looks like, and the step that a bank or wallet asks for. */
import { html } from "lit";
import { StripeForm } from "../models/stripe.js";
import { boot, t } from "../page.js";
import { EMBEDDED, back } from "./checkout-parts.js";

/** @typedef {import("./checkout.js").Checkout} Checkout */

const SLOT = "stripe";
/** Stripe's names for our tokens. */
const VARIABLES = { colorPrimary: "--accent-fill", colorBackground: "--paper-raised", colorText: "--ink", fontFamily: "--sans" };

/**
 * Loads Stripe's script and shows its form among the host element's own children: it does not work in a shadow tree.
 * @param {Checkout} checkout
 */
export async function openStripe(checkout) {
  const form = await StripeForm.load(checkout.shop.stripe, boot.language);
  const tokens = getComputedStyle(document.documentElement);
  const look = Object.entries(VARIABLES).map(([name, token]) => [name, tokens.getPropertyValue(token).trim()]);
  const node = document.createElement("div");
  node.slot = SLOT;
  checkout.querySelector(`[slot=${SLOT}]`)?.remove();
  checkout.append(node);
  if (checkout.quote) form.mount(node, checkout.quote.total, Object.fromEntries(look));
  return form;
}

export function stripePart() {
  return html`<fieldset>
    <legend>${t("checkout.payment")}</legend>
    <slot name=${SLOT}></slot>
  </fieldset>`;
}

/**
 * What the customer has to do next. A bank's or wallet's page refuses to be framed, so beside the show it is a page of its own.
 * @param {Checkout} checkout
 */
export function stepPart(checkout) {
  const { order, action } = checkout.order;
  const own = action.url.startsWith("/");
  const href = own ? `${action.url}?${new URLSearchParams({ return: back(order) })}` : action.url;
  const go =
    action.type === "stripe"
      ? html`<button class="primary" data-step @click=${() => checkout.step(order, action.client_secret)}>${t("checkout.step.again")}</button>`
      : html`<a class="button primary" data-step href=${href} target=${EMBEDDED && !own ? "_blank" : "_self"} rel="noopener">${t("checkout.challenge.go")}</a>`;
  return html`<div class="view" role="status">
    <h1>${t("checkout.step.title")}</h1>
    <p>${t("checkout.step.text")}</p>
    <p>${go}</p>
    <progress aria-label=${t("checkout.paying")}></progress>
  </div>`;
}
