/** What is open beside the running show: a product, a look, the bag, the checkout, the chat or the mirror. */
import { html, nothing } from "lit";
import { t } from "../page.js";
import { loadMe, products } from "../shop.js";
import "./bag.js";
import "./checkout-frame.js";
import "./look.js";
import "./product.js";

/**
 * @typedef {import("./watch.js").Watch} Watch
 * @typedef {import("./watch.js").View} View
 */

/** @type {string[]} */
const NONE = [];

/** @param {Watch} watch @param {View} view */
export function panel(watch, view) {
  return html`<section
    class="sheet ${paying(view) ? "paying" : ""}"
    role="dialog"
    aria-label=${label(view)}
    tabindex="-1"
    @wear=${(/** @type {CustomEvent<any>} */ event) => wear(watch, event.detail.garments ?? [event.detail.garment])}
    @checkout=${(/** @type {CustomEvent<string>} */ event) => watch.open({ name: "checkout", query: event.detail })}
    @choose=${(/** @type {CustomEvent<any>} */ event) => watch.open({ name: "product", sku: event.detail.sku })}
    @added=${(/** @type {CustomEvent<any>} */ event) => {
      watch.show.word = t("product.added", { title: event.detail.title });
      watch.open({ name: "bag" });
    }}
    @express=${() => (watch.view = { ...view, express: true })}
    @paid=${() => {
      watch.view = { ...view, paid: true };
      loadMe().catch(() => {});
    }}
    @leave=${watch.close}
  >
    <div class="bow">
      <span></span>
      <button class="round" data-close aria-label=${t("common.close")} @click=${watch.close}><ls-icon name="x"></ls-icon></button>
    </div>
    ${inside(watch, view)}
  </section>`;
}

/** Whether an order is being placed, so that it gets the room and the show stays small. @param {View | null} view */
export function paying(view) {
  return Boolean(view && !view.paid && (view.name === "checkout" || view.express));
}

/** @param {Watch} watch @param {View} view */
function inside(watch, view) {
  switch (view.name) {
    case "product":
      return html`<ls-product sku=${view.sku ?? ""}></ls-product>`;
    case "look":
      return html`<ls-look .skus=${view.cue?.products ?? NONE}></ls-look>`;
    case "bag":
      return html`<ls-bag></ls-bag>`;
    case "checkout":
      return html`<ls-checkout-frame src="/checkout?${view.query ?? ""}"></ls-checkout-frame>`;
    case "chat":
      return html`<ls-chat .said=${watch.show.live?.said ?? []} .send=${watch.show.say}></ls-chat>`;
    case "mirror":
      return html`<ls-wear .start=${view.garments ?? NONE}></ls-wear>`;
    default:
      return nothing;
  }
}

/** The mirror is loaded when it is wanted. @param {Watch} watch @param {string[]} garments */
async function wear(watch, garments) {
  await import("./wear.js");
  watch.open({ name: "mirror", garments });
}

/** @param {View} view */
function label(view) {
  const names = { look: "product.look.title", bag: "cart.title", checkout: "checkout.title", chat: "chat.title", mirror: "product.wear" };
  return view.name === "product" ? (products.get(view.sku ?? "")?.title ?? "") : t(names[view.name]);
}
