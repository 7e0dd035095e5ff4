/** Why a checkout was refused, and what follows from it. */

/** @typedef {import("./api.js").Refusal} Refusal */
/** @typedef {{variant: string, title: string}} Line */

const TEXTS = /** @type {Record<string, string>} */ ({
  "payment-declined": "checkout.declined",
  "hold-expired": "checkout.expired",
  "limit-reached": "checkout.limit",
  "card-number": "checkout.card",
  "email-unconfirmed": "confirm.why",
  "payment-unavailable": "checkout.unavailable",
  busy: "drop.busy",
  offline: "error.offline",
});
const REPRICED = ["sold-out", "hold-expired", "email-unconfirmed"];
const UNANSWERED = ["offline", "payment-unavailable"];

/** After it the summary is another one. @param {Refusal} refusal */
export function reprices({ type }) {
  return REPRICED.includes(type);
}

/** Without an answer the order may stand: the same key asks for the same order. @param {Refusal} refusal */
export function unanswered({ type }) {
  return UNANSWERED.includes(type);
}

/** Why there is no order although its payment was waited for. @param {string} [reason] what the order says */
export function unpaid(reason) {
  return reason === "expired" || reason === "late" ? `order.reason.${reason}` : "checkout.declined";
}

/**
 * @param {Refusal} refusal
 * @param {readonly Line[]} lines what was to be bought
 * @param {import("./texts.js").Texts["say"]} say
 */
export function sentence({ type, body, message }, lines, say) {
  if (type === "sold-out") {
    const gone = (body.lines ?? []).map((/** @type {Line} */ line) => line.variant);
    const titles = lines.filter((line) => gone.includes(line.variant)).map((line) => line.title);
    return say("checkout.soldout", { titles: titles.join(", ") });
  }
  const key = TEXTS[type];
  return key ? say(key) : message || say("error.internal");
}
