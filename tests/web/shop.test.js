import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { body, problems } from "../../web/models/address.js";
import { Api, Refusal } from "../../web/models/api.js";
import { Cart, LINES_MAX, QUANTITY_MAX, STORAGE_KEY } from "../../web/models/cart.js";
import { ServerClock } from "../../web/models/clock.js";
import { phase, untilOpen } from "../../web/models/drop.js";
import { pictureIn, place } from "../../web/models/fit.js";
import { Holds, left } from "../../web/models/hold.js";
import { mediaTime, nativeMediaTime } from "../../web/models/player-clock.js";
import { reprices, sentence, unanswered, unpaid } from "../../web/models/refusals.js";
import { seen } from "../../web/models/show-state.js";
import { Texts, span } from "../../web/models/texts.js";
import { wanted } from "../../web/models/wanted.js";

/** A storage like the browser's. @param {Record<string, string>} kept */
function storage(kept = {}) {
  return { kept, getItem: (key) => kept[key] ?? null, setItem: (key, value) => void (kept[key] = value) };
}

test("the bag outlives the page, joins equal pieces and forgets what is taken out", () => {
  const place = storage();
  const cart = new Cart(place);
  cart.add("tee", "tee-m");
  cart.add("tee", "tee-m");
  cart.add("hat", "hat-one");
  cart.set("hat", "hat-one", 0);
  assert.deepEqual(new Cart(place).lines, [{ variant: "tee-m", sku: "tee", quantity: 2 }]);
});

test("the bag keeps to the checkout's limits", () => {
  const cart = new Cart(storage());
  cart.set("tee", "tee-m", 99);
  for (let index = 0; index < LINES_MAX + 5; index++) cart.add("tee", `tee-${index}`);
  assert.equal(cart.lines[0].quantity, QUANTITY_MAX);
  assert.equal(cart.lines.length, LINES_MAX);
});

test("a bag that was spoilt by hand is empty, and one in a forbidden storage works", () => {
  assert.deepEqual(new Cart(storage({ [STORAGE_KEY]: "{" })).lines, []);
  assert.deepEqual(new Cart(storage({ [STORAGE_KEY]: '[{"variant":1},{"variant":"a","sku":"a","quantity":-1}]' })).lines, []);
  const refuse = () => {
    throw new Error("forbidden");
  };
  const cart = new Cart({ getItem: refuse, setItem: refuse });
  cart.add("tee", "tee-m");
  assert.equal(cart.count, 1);
});

test("the server's clock comes from the answer with the shortest round trip", () => {
  let now = 0;
  const clock = new ServerClock(() => now);
  clock.sample(10_000, 0, 400);
  assert.equal(clock.now(), 9800);
  clock.sample(10_050, 100, 120);
  assert.equal(clock.now(), 9940);
  clock.sample(99_000, 200, 900);
  assert.equal(clock.now(), 9940);
  now = 700_000;
  clock.sample(712_000, 699_000, 700_000);
  assert.equal(clock.now(), 712_500);
});

const DROP = { seq: 1, id: "d", state: "revealed", sku: "tee", reveal_at_ms: 1000, opens_at: new Date(9000).toISOString(), draw_ms: 3000 };

test("a drop is secret until its frame, then counts down, draws and is open", () => {
  assert.equal(phase({ ...DROP, state: "announced", sku: undefined }, 5000, 5000), "secret");
  assert.equal(phase(DROP, 999, 5000), "secret");
  assert.equal(phase(DROP, 1000, 5000), "revealed");
  assert.equal(phase(DROP, null, 5000), "revealed");
  assert.equal(phase({ ...DROP, state: "open" }, 9500, 9000), "drawing");
  assert.equal(phase({ ...DROP, state: "open" }, 9500, 12_000), "open");
  assert.equal(phase({ ...DROP, state: "sold-out" }, 999, 5000), "sold-out");
  assert.equal(untilOpen(DROP, 8000), 1000);
  assert.equal(untilOpen(DROP, 10_000), 0);
});

const HOLD = { hold: "h", drop: "d", sku: "tee", variant: "tee-m", title: "Tee", size: "M", quantity: 1, price: { amount: 1, currency: "EUR" }, expires_at: new Date(5000).toISOString() };

test("a hold runs on the server's clock and its end is told once", () => {
  let changes = 0;
  const holds = new Holds(() => (changes += 1));
  holds.add(HOLD);
  holds.add({ ...HOLD, title: "Tee again" });
  assert.equal(holds.running(4000).length, 1);
  assert.equal(left(HOLD, 4000), 1000);
  assert.equal(holds.of("d", 4000)?.title, "Tee again");
  assert.equal(holds.of("d", 5000), undefined);
  assert.equal(holds.expire(5000).length, 1);
  assert.equal(holds.expire(5001).length, 0);
  assert.equal(changes, 3);
});

test("a frame's media time is the play head's, moved by where the frame lies", () => {
  assert.equal(mediaTime(new Date(10_000), 5, 4.96), 9960);
  assert.equal(mediaTime(new Date(10_000), 5), 10_000);
  assert.equal(mediaTime(null, 5, 5), null);
  assert.equal(nativeMediaTime(new Date(10_000), 5), 15_000);
  assert.equal(nativeMediaTime(new Date(Number.NaN), 5), null);
});

test("a tag lies on its place of the picture, cropped or not, and never under the page's edge", () => {
  const box = { width: 400, height: 800 };
  assert.deepEqual(pictureIn(box, { width: 1600, height: 900 }, "contain"), { x: 0, y: 287.5, width: 400, height: 225 });
  const cropped = pictureIn(box, { width: 900, height: 900 }, "cover");
  assert.deepEqual(cropped, { x: -200, y: 0, width: 800, height: 800 });
  const margin = { top: 100, bottom: 100, side: 20 };
  assert.deepEqual(place({ x: 0.5, y: 0.5 }, cropped, box, margin), { x: 200, y: 400 });
  assert.deepEqual(place({ x: 0, y: 0.01 }, cropped, box, margin), { x: 20, y: 100 });
  assert.deepEqual(pictureIn(box, { width: 0, height: 0 }, "cover"), { x: 0, y: 0, ...box });
});

test("a pause is seen when the picture gets there", () => {
  assert.equal(seen("pause", 5000, 4000, true), "live");
  assert.equal(seen("pause", 5000, 4800, true), "pause");
  assert.equal(seen("pause", 5000, 4000, false), "pause");
  assert.equal(seen("after", null, 4000, true), "after");
  assert.equal(seen("live", 5000, 4000, true), "live");
});

test("texts fill their places, choose their plural and show what is missing", () => {
  const texts = new Texts("en", { "left.one": "last one", "left.other": "{count} left", hello: "Hello {name}" });
  assert.equal(texts.say("left", { count: 1 }), "last one");
  assert.equal(texts.say("left", { count: 1200 }), "1,200 left");
  assert.equal(texts.say("hello", { name: "$& {x}" }), "Hello $& {x}");
  assert.equal(texts.say("nothing.here"), "nothing.here");
});

test("money follows the language and the currency's own digits", () => {
  assert.equal(new Texts("de", {}).money({ amount: 123_456, currency: "EUR" }), "1.234,56\u00a0€");
  assert.equal(new Texts("de", {}).tenths(2), "2,0");
  assert.equal(new Texts("en", {}).money({ amount: 500, currency: "JPY" }), "JP¥500");
  assert.equal(span(59_001), "1:00");
  assert.equal(span(-5), "0:00");
  assert.equal(span(3_661_000), "1:01:01");
});

test("every text exists in every language with the same places", () => {
  const read = (/** @type {string} */ name) => JSON.parse(readFileSync(new URL(`../../web/texts/${name}.json`, import.meta.url), "utf8"));
  const [en, ...others] = ["en", "de", "zh"].map(read);
  const places = (/** @type {string} */ text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const table of others) {
    assert.deepEqual(Object.keys(table).sort(), Object.keys(en).sort());
    for (const [key, text] of Object.entries(en)) {
      if (!key.endsWith(".one")) assert.deepEqual(places(table[key]), places(text), key);
    }
  }
});

test("a delivery is checked before it is sent", () => {
  const right = { email: " a@example.org ", name: "A", line1: "Weg 1", line2: "", postal_code: "10115", city: "Berlin", country: "DE" };
  assert.deepEqual(problems(right), {});
  assert.deepEqual(problems({ ...right, email: "a@b", name: " ", postal_code: "1" }), {
    email: "checkout.email.wrong",
    name: "checkout.required",
    postal_code: "checkout.short",
  });
  assert.equal(body(right).email, "a@example.org");
  assert.equal("email" in body(right).address, false);
});

test("a checkout is about what its address names, else about the whole bag", () => {
  const bag = [{ variant: "tee-m", sku: "tee", quantity: 2 }];
  assert.deepEqual(wanted(new URLSearchParams("variant=hat-one"), bag, ["h"]), { holds: [], lines: [{ variant: "hat-one", quantity: 1 }] });
  assert.deepEqual(wanted(new URLSearchParams("hold=h"), bag, []), { holds: ["h"], lines: [] });
  assert.deepEqual(wanted(new URLSearchParams(""), bag, ["h"]), { holds: ["h"], lines: [{ variant: "tee-m", quantity: 2 }] });
});

test("a refusal keeps its slug, and a server that was not reached is offline", async () => {
  const answer = (status, value) => Promise.resolve(new Response(JSON.stringify(value), { status, headers: { "Laufsteg-Now": "77000" } }));
  const clock = new ServerClock(() => 0);
  const api = new Api((path) => (path === "/down" ? Promise.reject(new TypeError()) : answer(410, { type: "hold-expired", detail: "Gone." })), () => 0, clock);
  await assert.rejects(api.get("/x"), { type: "hold-expired", status: 410, message: "Gone." });
  await assert.rejects(api.get("/down"), { type: "offline", status: 0 });
  assert.equal(clock.now(), 77_000);
});

test("a refused checkout says why, and names what is gone", () => {
  const words = JSON.parse(readFileSync(new URL("../../web/texts/en.json", import.meta.url), "utf-8"));
  const texts = new Texts("en", words);
  const lines = [{ variant: "tee-m", title: "Tee" }, { variant: "hat-s", title: "Hat" }];
  const why = (/** @type {string} */ type, body = {}) => sentence(new Refusal(type, 409, body), lines, (key, values) => texts.say(key, values));
  assert.equal(why("sold-out", { lines: [{ variant: "hat-s" }] }), texts.say("checkout.soldout", { titles: "Hat" }));
  assert.equal(why("payment-declined"), words["checkout.declined"]);
  assert.equal(why("something-new", { detail: "The server's own sentence." }), "The server's own sentence.");
});

test("who was charged too late does not read that nothing was charged", () => {
  assert.equal(unpaid("late"), "order.reason.late");
  assert.equal(unpaid("expired"), "order.reason.expired");
  assert.deepEqual(["declined", "cancelled", undefined].map(unpaid), Array(3).fill("checkout.declined"));
});

test("only a refusal with an answer lets another order begin, and what is gone changes the sum", () => {
  const refused = (/** @type {string} */ type) => new Refusal(type, 0, null);
  assert.deepEqual(["offline", "payment-unavailable", "payment-declined"].map((type) => unanswered(refused(type))), [true, true, false]);
  assert.deepEqual(["sold-out", "hold-expired", "payment-declined"].map((type) => reprices(refused(type))), [true, true, false]);
});
