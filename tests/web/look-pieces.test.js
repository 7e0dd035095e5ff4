import assert from "node:assert/strict";
import { test } from "node:test";

import { buyable, piecesOf, totalOf, unsized, wardrobeOf } from "../../web/models/look-pieces.js";
import { fromIds } from "../../web/models/look.js";

/** @param {string} sku @param {string} slot @param {number} amount @param {number[]} left */
function product(sku, slot, amount, ...left) {
  const variants = left.map((units, n) => ({ id: `${sku}-${n}`, size: left.length === 1 ? "one" : String(n), left: units }));
  const sum = left.reduce((a, b) => a + b, 0);
  return { sku, title: sku, slot, garment: sku, pictures: [], price: { amount, currency: "EUR" }, left: sum, variants };
}

const PRODUCTS = [product("tee", "top", 2490, 3, 0), product("hat", "hat", 3990, 5), product("jacket", "outer", 18900, 0, 0)];
const WARDROBE = wardrobeOf(PRODUCTS);

test("what has no garment or no known slot cannot be worn", () => {
  const others = [{ ...product("book", "top", 1, 1), garment: null }, product("sofa", "living-room", 1, 1)];
  assert.deepEqual(wardrobeOf([...PRODUCTS, ...others]).map((garment) => garment.id), ["tee", "hat", "jacket"]);
});

test("a look costs the sum of its pieces and an empty one has no price", () => {
  assert.deepEqual(totalOf(piecesOf(fromIds(["tee", "hat"], WARDROBE), PRODUCTS, {})), { amount: 6480, currency: "EUR" });
  assert.equal(totalOf([]), null);
});

test("a single size is chosen by itself and a sold-out piece does not stand in the way", () => {
  const pieces = piecesOf(fromIds(["tee", "hat", "jacket"], WARDROBE), PRODUCTS, {});
  assert.deepEqual(unsized(pieces).map((piece) => piece.product.sku), ["tee"]);
  assert.deepEqual(buyable(pieces).map((variant) => variant.id), ["hat-0"]);
});

test("a chosen size is bought while it lasts", () => {
  const look = fromIds(["tee"], WARDROBE);
  assert.deepEqual(buyable(piecesOf(look, PRODUCTS, { tee: "tee-0" })).map((variant) => variant.id), ["tee-0"]);
  assert.deepEqual(buyable(piecesOf(look, PRODUCTS, { tee: "tee-1" })), []);
  assert.equal(unsized(piecesOf(look, PRODUCTS, { tee: "nonsense" })).length, 1);
});
