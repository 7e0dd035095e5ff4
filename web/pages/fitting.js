/** The fitting room's page: products in, the look in the address, the bag and the saved looks of this browser. */
import "../elements/fitting.js";
import { Api } from "../models/api.js";
import { Cart } from "../models/cart.js";
import { LookShelf } from "../models/look-shelf.js";

const api = new Api(fetch.bind(globalThis), () => performance.now());
const room = /** @type {import("../elements/fitting.js").FittingRoom} */ (document.querySelector("ls-fitting"));

room.cart = new Cart(localStorage);
room.shelf = new LookShelf(localStorage);
room.link = new URLSearchParams(location.search).get("wear") ?? "";
room.fetchProduct = (sku) => api.get(`/api/products/${encodeURIComponent(sku)}`);
room.addEventListener("room-reload", () => void load());
room.addEventListener("room-look", (event) => {
  const address = new URL(location.href);
  const { ids } = /** @type {CustomEvent<{ids: string[]}>} */ (event).detail;
  if (ids.length) address.searchParams.set("wear", ids.join(","));
  else address.searchParams.delete("wear");
  // A comma is allowed in a query and keeps the link readable.
  history.replaceState(null, "", address.href.replaceAll("%2C", ","));
});

async function load() {
  room.failed = false;
  try {
    room.products = await api.get("/api/products");
  } catch {
    room.failed = true;
  }
}

await load();
