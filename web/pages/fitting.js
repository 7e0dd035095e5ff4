/** The fitting room's page: products in, the look in the address, the bag and the saved looks of this browser. */
import "../elements/fitting.js";
import "../elements/language.js";
import { LookShelf } from "../models/look-shelf.js";
import { boot } from "../page.js";
import { api, cart } from "../shop.js";

const room = /** @type {import("../elements/fitting.js").FittingRoom} */ (document.querySelector("ls-fitting"));

room.cart = cart;
room.shelf = new LookShelf({
  // A browser may forbid storage, which is thrown when it is touched: the shelf expects that.
  getItem: (key) => localStorage.getItem(key),
  setItem: (key, value) => localStorage.setItem(key, value),
});
room.link = new URLSearchParams(location.search).get("wear") ?? "";
room.fetchProduct = (sku) => api.get(`/api/products/${encodeURIComponent(sku)}?lang=${boot.language}`);
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
    room.products = await api.get(`/api/products?lang=${boot.language}`);
  } catch {
    room.failed = true;
  }
}

await load();
