import assert from "node:assert/strict";
import { test } from "node:test";

import { SHOWN, drawn, even, parts } from "../../web/models/host-fairness.js";

const DROP = { id: "d", opens_at_ms: 1, seed: "00" };
const REPORT = {
  drop: "d",
  entered: 6,
  won: 2,
  parts: [0, 1000, 2001].map((from_ms) => ({ from_ms, entered: 2, won: 1 })),
  chi_square: 13.816,
  uneven_above: 13.816,
  after_draw: 0,
  per_customer: 1,
  most_by_one: 1,
};

test("only drops whose draw has taken place are reported, the newest first and no more than a screenful", () => {
  const drops = Array.from({ length: SHOWN + 3 }, (_, at) => ({ ...DROP, id: `d${at}`, opens_at_ms: at }));
  const told = drawn([...drops, { id: "secret", opens_at_ms: 99 }]);
  assert.deepEqual(told.map((drop) => drop.id), Array.from({ length: SHOWN }, (_, at) => `d${SHOWN + 2 - at}`));
  assert.equal(drops.length, SHOWN + 3);
});

test("a draw is even up to the limit and not above", () => {
  assert.equal(even(REPORT), true);
  assert.equal(even({ ...REPORT, chi_square: 13.817 }), false);
});

test("a part of the window begins at a tenth of a second", () => {
  assert.deepEqual(parts(REPORT).map((part) => part.from), [0, 1, 2]);
});
