/**
 * Stripe's own payment form: its script from its own origin, its fields in frames of its own, so that no card data comes here.
 * The order is confirmed on the server with a confirmation token (docs.stripe.com/payments/finalize-payments-on-the-server).
 */

/** @typedef {{amount: number, currency: string}} Money */
/** @typedef {import("./address.js").Delivery} Delivery */

export class StripeForm {
  #stripe;
  /** @type {any} */
  #elements = null;

  /** @param {any} stripe Stripe.js, opened with the publishable key */
  constructor(stripe) {
    this.#stripe = stripe;
  }

  /**
   * Loads Stripe.js once. Rejects when it cannot be reached, or is blocked.
   * @param {{publishable_key: string, script: string}} account
   * @param {string} language
   */
  static async load({ publishable_key, script }, language) {
    const global = /** @type {any} */ (globalThis);
    if (!global.Stripe) await loaded(script);
    return new StripeForm(global.Stripe(publishable_key, { locale: language }));
  }

  /**
   * Shows the form. Stripe's fields do not work in a shadow tree, so `node` is in the document's own.
   * @param {HTMLElement} node
   * @param {Money} total
   * @param {Record<string, string>} variables Stripe's appearance variables
   */
  mount(node, { amount, currency }, variables) {
    this.#elements = this.#stripe.elements({
      mode: "payment",
      amount,
      currency: currency.toLowerCase(),
      appearance: { theme: "stripe", variables },
    });
    // What the order's own form asks already.
    const address = { line1: "never", line2: "never", city: "never", country: "never", postalCode: "never" };
    const billingDetails = { name: "never", email: "never", address };
    this.#elements.create("payment", { layout: "tabs", fields: { billingDetails } }).mount(node);
  }

  /** Another total, after the country changed. @param {Money} total */
  update({ amount, currency }) {
    this.#elements?.update({ amount, currency: currency.toLowerCase() });
  }

  /**
   * Checks the fields and exchanges them for a token.
   * @param {Delivery} delivery
   * @returns {Promise<{token: string} | {wrong: string}>} `wrong`: a sentence of Stripe's in the customer's language
   */
  async token({ email, name, line1, line2, postal_code, city, country }) {
    const submitted = await this.#elements.submit();
    if (submitted.error) return { wrong: submitted.error.message };
    const billing_details = { name, email, address: { line1, line2, city, country, postal_code } };
    const { confirmationToken, error } = await this.#stripe.createConfirmationToken({
      elements: this.#elements,
      params: { payment_method_data: { billing_details } },
    });
    return error ? { wrong: error.message } : { token: confirmationToken.id };
  }

  /**
   * The next step in Stripe's own frame: 3-D Secure, a wallet's code.
   * @param {string} secret
   * @returns {Promise<boolean>} whether the customer confirmed; what came of it the server knows
   */
  async step(secret) {
    const { error } = await this.#stripe.handleNextAction({ clientSecret: secret });
    return !error;
  }
}

/** @param {string} source */
function loaded(source) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.onload = resolve;
    script.onerror = () => {
      // The next try loads it anew.
      script.remove();
      reject(new Error("Stripe.js cannot be loaded"));
    };
    document.head.append(script);
  });
}
