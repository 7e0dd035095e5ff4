/** What every shopping page shares: the API, the server's clock, the bag, the holds, the products and what is known of the shopper. */
import { Api } from "./models/api.js";
import { Cart, STORAGE_KEY } from "./models/cart.js";
import { ServerClock } from "./models/clock.js";
import { Holds } from "./models/hold.js";
import { boot } from "./page.js";

/**
 * @typedef {import("./models/texts.js").Money} Money
 * @typedef {{id: string, size: string, left: number}} Variant
 * @typedef {object} Product
 * @property {string} sku
 * @property {string} title
 * @property {string} [slot]
 * @property {Money} price
 * @property {number} vat_percent
 * @property {string} material
 * @property {string | null} garment
 * @property {string[]} pictures
 * @property {number} left
 * @property {Variant[]} variants
 * @property {string} [description]
 * @property {string} [care_text]
 * @property {string} [fit]
 * @property {string} [origin]
 * @property {{unit: string, sizes: Record<string, Record<string, number>>} | null} [measures]
 *
 * @typedef {{name: string, line1: string, line2: string | null, postal_code: string, city: string, country: string}} Address
 * @typedef {{email: string | null, address: Address | null}} Me
 */

/** This machine's clock in epoch ms, steady over changes of the system's time. */
export const local = () => performance.timeOrigin + performance.now();

export const clock = new ServerClock(local);
// A rough guess until the first answer: the page was made before it was read.
clock.sample(Date.parse(boot.now), local() - 2000, local());

export const api = new Api((...request) => fetch(...request), local, clock);

/** Says "cart", "holds", "products" or "me" after a change. */
export const changes = new EventTarget();
const say = (/** @type {string} */ what) => changes.dispatchEvent(new Event(what));

/** A browser may forbid storage; the bag then lasts as long as the page. */
function storage() {
  try {
    return localStorage;
  } catch {
    return { getItem: () => null, setItem: () => {} };
  }
}

export const cart = new Cart(storage(), () => say("cart"));
addEventListener("storage", (event) => event.key === STORAGE_KEY && cart.refresh());

export const holds = new Holds(() => say("holds"));

/** @type {Map<string, Product>} in the shop's order */
export const products = new Map();

/** @type {Me} */
export const me = { email: null, address: null };

export async function loadProducts() {
  for (const product of await api.get(`/api/products?lang=${boot.language}`)) {
    products.set(product.sku, { ...products.get(product.sku), ...product });
  }
  say("products");
}

/** The long texts of one product, and its stock anew. @param {string} sku */
export async function loadProduct(sku) {
  products.set(sku, await api.get(`/api/products/${encodeURIComponent(sku)}?lang=${boot.language}`));
  say("products");
}

export async function loadMe() {
  const { email, address, holds: held } = await api.get("/api/me");
  Object.assign(me, { email, address });
  holds.set(held ?? []);
  say("me");
}

/** The product and variant of a variant's id, or undefined. @param {string} id */
export function findVariant(id) {
  for (const product of products.values()) {
    const variant = product.variants.find((one) => one.id === id);
    if (variant) return { product, variant };
  }
  return undefined;
}
