import assert from "node:assert/strict";
import { test } from "node:test";

import { advise, girths, together } from "../../web/models/look-size.js";

const TEE = { XS: { chest: 92 }, S: { chest: 96 }, M: { chest: 100 }, L: { chest: 104 }, XL: { chest: 108 } };
const JEANS = { S: { waist: 76, hip: 98, inseam: 81 }, M: { waist: 80, hip: 102, inseam: 82 }, L: { waist: 84, hip: 106, inseam: 83 } };
const HAT = { S: { head: 55 }, M: { head: 57 }, L: { head: 59 } };

test("a tape measure gives the sizes that leave room without drowning in it", () => {
  assert.deepEqual(advise("top", TEE, { chest: 92 }), { kind: "range", sizes: ["S", "M"], from: "tape" });
});

test("height alone gives a wider range and says that it is from the height", () => {
  assert.deepEqual(advise("top", TEE, { height: 175 }), { kind: "range", sizes: ["L", "XL"], from: "height" });
});

test("every measure that is known has to fit, and guesses do not narrow a measured one", () => {
  assert.deepEqual(advise("bottom", JEANS, { waist: 79, hip: 98 }), { kind: "range", sizes: ["M"], from: "tape" });
  assert.deepEqual(advise("bottom", JEANS, { height: 150, waist: 79 }), { kind: "range", sizes: ["M"], from: "tape" });
});

test("what cannot be told is not guessed", () => {
  assert.deepEqual(advise("top", TEE, {}), { kind: "cannot", why: "no-measure" });
  assert.deepEqual(advise("hat", HAT, { height: 170 }), { kind: "cannot", why: "no-measure" }, "heads do not follow height");
  assert.deepEqual(advise("top", TEE, { height: 17 }), { kind: "cannot", why: "no-measure" });
  assert.deepEqual(advise("top", null, { chest: 96 }), { kind: "cannot", why: "no-chart" });
  assert.deepEqual(advise("glasses", { one: { width: 14 } }, { height: 170 }), { kind: "cannot", why: "no-chart" });
  assert.deepEqual(advise("top", TEE, { chest: 140 }), { kind: "cannot", why: "outside" });
  assert.deepEqual(advise("top", TEE, { height: 165 }), { kind: "cannot", why: "too-wide" });
  assert.deepEqual(advise("bottom", JEANS, { height: 200 }), { kind: "cannot", why: "no-measure" }, "a guess is no refusal");
});

test("a hat is chosen by the head", () => {
  assert.deepEqual(girths("hat"), ["head"]);
  assert.deepEqual(advise("hat", HAT, { head: 57 }), { kind: "range", sizes: ["M"], from: "tape" });
});

test("a tape knows best, then the picture, then the height alone", () => {
  const guess = advise("top", TEE, { height: 175 });
  const seen = { sizes: ["M", "L"], reason: "whole-body" };
  assert.deepEqual(together(guess, seen), { kind: "range", sizes: ["M", "L"], from: "whole-body" });
  assert.deepEqual(together(advise("top", TEE, { height: 165 }), seen), { kind: "range", sizes: ["M", "L"], from: "whole-body" });
  assert.deepEqual(together(guess, { ...seen, reason: "upper-body" }), { kind: "range", sizes: ["M", "L"], from: "upper-body" });
  assert.equal(together(guess, undefined), guess);
  for (const body of [{ chest: 92 }, { chest: 140 }]) {
    const tape = advise("top", TEE, body);
    assert.equal(together(tape, seen), tape);
  }
});

test("a picture that says nothing does not hide what the height says, and else says why", () => {
  const guess = advise("top", TEE, { height: 175 });
  const nothing = advise("top", TEE, { height: 165 });
  for (const [reason, why] of [["turned", "turned"], ["not-seen", "not-seen"], ["outside-chart", "outside-body"]]) {
    assert.equal(together(guess, { sizes: [], reason: reason ?? "" }), guess);
    assert.deepEqual(together(nothing, { sizes: [], reason: reason ?? "" }), { kind: "cannot", why });
  }
  assert.equal(together(nothing, { sizes: [], reason: "no-chart" }), nothing);
  assert.deepEqual(together(nothing, { sizes: ["S", "M", "L", "XL"], reason: "upper-body" }), { kind: "cannot", why: "too-wide" });
});
