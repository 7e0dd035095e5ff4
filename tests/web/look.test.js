import assert from "node:assert/strict";
import { test } from "node:test";

import { LookShelf, SHELF_LIMIT, STORAGE_KEY } from "../../web/models/look-shelf.js";
import { SWIPE_PX, swipe } from "../../web/models/look-swipe.js";
import { fromLink, ids, neighbour, takeOff, toggle, wear, wears } from "../../web/models/look.js";

/** @type {import("../../web/models/look.js").Garment[]} */
const WARDROBE = [
  { id: "tee", slot: "top", sku: "tee" },
  { id: "shirt", slot: "top", sku: "shirt" },
  { id: "jacket", slot: "outer", sku: "jacket" },
  { id: "dress", slot: "dress", sku: "evening-dress" },
  { id: "trousers", slot: "bottom", sku: "trousers" },
  { id: "hat", slot: "hat", sku: "hat" },
  { id: "glasses", slot: "glasses", sku: "glasses" },
];
const [TEE, SHIRT, JACKET, DRESS, TROUSERS, HAT] = WARDROBE;

/** A storage like the browser's. @param {Record<string, string>} kept */
function storage(kept = {}) {
  return {
    getItem: (/** @type {string} */ key) => kept[key] ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void (kept[key] = value),
  };
}

test("garments are worn inner to outer, whatever the order of choosing", () => {
  const look = [HAT, JACKET, TEE, TROUSERS].reduce(wear, /** @type {import("../../web/models/look.js").Look} */ ([]));
  assert.deepEqual(ids(look), ["trousers", "tee", "jacket", "hat"]);
});

test("a second top replaces the first", () => {
  assert.deepEqual(ids(wear(wear([], TEE), SHIRT)), ["shirt"]);
});

test("a dress replaces top and bottom but not the jacket, and a top takes the dress off", () => {
  const look = wear(wear(wear(wear([], TEE), TROUSERS), JACKET), DRESS);
  assert.deepEqual(ids(look), ["dress", "jacket"]);
  assert.deepEqual(ids(wear(look, TEE)), ["tee", "jacket"]);
});

test("a worn garment is taken off by the same touch", () => {
  assert.deepEqual(ids(toggle(toggle([], TEE), TEE)), []);
  assert.equal(wears(takeOff([TEE, JACKET], "jacket"), "jacket"), false);
});

test("a link wears what the wardrobe has and skips what it does not know", () => {
  assert.deepEqual(ids(fromLink("jacket,nothing,tee,,<b>", WARDROBE)), ["tee", "jacket"]);
  assert.deepEqual(ids(fromLink("evening-dress", WARDROBE)), ["dress"], "a product's sku works as well");
  assert.deepEqual(ids(fromLink(null, WARDROBE)), []);
  assert.deepEqual(ids(fromLink("tee,".repeat(10_000), WARDROBE)), ["tee"]);
});

test("swiping goes round the garments of a slot with nothing between last and first", () => {
  assert.equal(neighbour([], WARDROBE, "top", 1), TEE);
  assert.equal(neighbour([TEE], WARDROBE, "top", 1), SHIRT);
  assert.equal(neighbour([SHIRT], WARDROBE, "top", 1), null);
  assert.equal(neighbour([], WARDROBE, "top", -1), SHIRT);
  assert.equal(neighbour([], [], "top", 1), null);
});

test("a saved look is garment ids and the newest comes first", () => {
  /** @type {Record<string, string>} */
  const kept = {};
  const shelf = new LookShelf(storage(kept));
  shelf.save(["tee"], 1);
  shelf.save(["tee", "jacket"], 2);
  shelf.save(["tee"], 3);
  shelf.save([], 4);
  assert.deepEqual(JSON.parse(kept[STORAGE_KEY]), [
    { garments: ["tee"], saved: 3 },
    { garments: ["tee", "jacket"], saved: 2 },
  ]);
  assert.ok(new LookShelf(storage(kept)).has(["tee", "jacket"]));
  shelf.remove(["tee"]);
  assert.deepEqual(shelf.looks.map((look) => look.garments), [["tee", "jacket"]]);
});

test("the shelf has an end and the oldest look makes room", () => {
  const shelf = new LookShelf(storage());
  for (let n = 0; n <= SHELF_LIMIT; n += 1) shelf.save([`g${n}`], n);
  assert.equal(shelf.looks.length, SHELF_LIMIT);
  assert.equal(shelf.has(["g0"]), false);
});

test("spoilt or forbidden storage is an empty shelf that still works", () => {
  for (const spoilt of ["{", "7", '[{"garments":[1],"saved":2}]', '[{"garments":[],"saved":2}]', "[null]"]) {
    assert.deepEqual(new LookShelf(storage({ [STORAGE_KEY]: spoilt })).looks, []);
  }
  const forbidden = () => {
    throw new DOMException("", "SecurityError");
  };
  const shelf = new LookShelf({ getItem: forbidden, setItem: forbidden });
  shelf.save(["tee"], 1);
  assert.ok(shelf.has(["tee"]));
});

test("a swipe goes across and is longer than a tap", () => {
  assert.equal(swipe({ x: 200, y: 100 }, { x: 120, y: 110 }), 1);
  assert.equal(swipe({ x: 120, y: 100 }, { x: 200, y: 90 }), -1);
  assert.equal(swipe({ x: 200, y: 100 }, { x: 200 - SWIPE_PX + 1, y: 100 }), 0);
  assert.equal(swipe({ x: 200, y: 100 }, { x: 120, y: 200 }), 0, "that was scrolling");
});
