import assert from "node:assert/strict";
import { test } from "node:test";

import { meaning } from "../../web/models/host-keys.js";
import { Rehearsal } from "../../web/models/host-rehearsal.js";
import { ROW_KEYS, nextRow, rowOfKey, rowsOf } from "../../web/models/host-rundown.js";
import { Stage } from "../../web/models/host-stage.js";
import { UNDO_MS, UndoWindow } from "../../web/models/host-undo.js";

const EMPTY = { cues: [], drops: [] };
/** @type {import("../../web/models/host-rundown.js").Row[]} */
const ROWS = [
  { number: 1, title: { en: "Qipao", de: "Kleid" }, at: 0.5, kind: "product", products: ["qipao"], seconds: 7, anchor: [0.5, 0.55] },
  { number: 2, title: { en: "The look" }, at: 8.5, kind: "look", products: ["jacket", "tee"] },
  { number: 3, title: { en: "The drop" }, at: 17, drop: { sku: "dress", variant: "dress-m", quantity: 12, open_ms: 30_000 } },
];
/** @param {string} key */
const press = (key) => ({ key, repeat: false, ctrlKey: false, metaKey: false, altKey: false });
const free = { typing: false, onControl: false, enabled: true };

test("rows have the keyboard's keys in order and the language's title, and the first is next", () => {
  const views = rowsOf(ROWS, EMPTY, {}, "de");
  assert.deepEqual(views.map((view) => [view.key, view.title, view.state]), [["1", "Kleid", "next"], ["2", "The look", "ahead"], ["3", "The drop", "ahead"]]);
  assert.equal(nextRow(views)?.number, 1);
  assert.equal(rowOfKey(views, "2")?.number, 2);
  assert.equal(rowOfKey(views, "x"), null);
});

test("keys that change places between layouts or are commands belong to no row, and later rows have none", () => {
  for (const key of ["y", "z", "x", "c", "v", "b", "n", "m"]) assert.equal(ROW_KEYS.includes(key), false);
  const many = Array.from({ length: 40 }, (_, n) => ({ number: n + 1, title: {}, kind: "product", products: ["tee"] }));
  const views = rowsOf(many, EMPTY, {}, "en");
  assert.equal(views[27]?.key, "l");
  assert.equal(views[28]?.key, "");
  assert.equal(rowOfKey(views, ""), null);
});

test("a row whose cue is on the picture is on, whoever began it, and the row after the last begun one is next", () => {
  const cue = { id: "cue_1", kind: "look", products: ["jacket", "tee"], at_ms: 1000, duration_ms: 8000 };
  const views = rowsOf(ROWS, { cues: [cue], drops: [] }, { 1: "cue_0", 2: "cue_1" }, "en");
  assert.deepEqual(views.map((view) => view.state), ["done", "on", "next"]);
  assert.deepEqual([views[1]?.id, views[1]?.endsAt], ["cue_1", 9000]);
  assert.equal(rowsOf(ROWS, { cues: [cue], drops: [] }, {}, "en")[1]?.state, "on", "the autopilot began it");
});

test("a drop's row shows what is left while it runs and is done once it has ended or is gone", () => {
  const drop = { id: "drp_1", state: "open", sku: "dress", variant: "dress-m", quantity: 12, left: 7 };
  const [, , on] = rowsOf(ROWS, { cues: [], drops: [drop] }, { 3: "drp_1" }, "en");
  assert.deepEqual([on?.state, on?.id, on?.left, on?.total], ["on", "drp_1", 7, 12]);
  for (const state of ["ended", "sold-out"]) {
    assert.equal(rowsOf(ROWS, { cues: [], drops: [{ ...drop, state }] }, { 3: "drp_1" }, "en")[2]?.state, "done");
  }
});

test("a secret drop of this console is on although nobody is told what it sells", () => {
  const [, , row] = rowsOf(ROWS, { cues: [], drops: [{ id: "drp_1", state: "announced" }] }, { 3: "drp_1" }, "en");
  assert.equal(row?.state, "on");
});

test("keys mean rows and commands, and nothing while somebody types or another key is held", () => {
  assert.deepEqual(meaning(press("q"), free), { do: "row", key: "q" });
  assert.deepEqual(meaning(press("Backspace"), free), { do: "undo" });
  assert.deepEqual(meaning(press(" "), free), { do: "next" });
  assert.equal(meaning(press(" "), { ...free, onControl: true }), null, "a focused button keeps its space bar");
  assert.equal(meaning(press("1"), { ...free, typing: true }), null);
  assert.equal(meaning(press("1"), { ...free, enabled: false }), null);
  assert.equal(meaning({ ...press("r"), ctrlKey: true }, free), null);
  assert.equal(meaning({ ...press("1"), repeat: true }, free), null, "a key that is held down acts once");
  assert.equal(meaning(press("Enter"), free), null);
});

test("a mistake can be taken back once, for five seconds", () => {
  const undo = new UndoWindow();
  assert.equal(undo.open(0), null);
  undo.did("shown", 1000);
  assert.deepEqual(undo.open(1000), { words: "shown", left: UNDO_MS });
  assert.equal(undo.take(1000 + UNDO_MS - 1), true);
  assert.equal(undo.take(1000 + UNDO_MS - 1), false);
  undo.did("shown", 1000);
  assert.equal(undo.take(1000 + UNDO_MS), false);
});

test("a rehearsal takes the same orders, follows its clock and can be taken back", async () => {
  let now = 1000;
  const rehearsal = new Rehearsal(() => now);
  const [first, , third] = ROWS;
  const cue = await rehearsal.show(/** @type {any} */ (first));
  assert.equal(rehearsal.on.cues[0]?.id, cue);
  await rehearsal.endCue(cue);
  assert.equal(rehearsal.on.cues.length, 0);
  await rehearsal.undo();
  assert.equal(rehearsal.on.cues.length, 1);
  now += 7000;
  assert.equal(rehearsal.on.cues.length, 0, "its seconds are over");
  const drop = await rehearsal.drop(/** @type {any} */ (third).drop);
  assert.equal(rehearsal.on.drops[0]?.state, "revealed");
  now += 8000;
  assert.equal(rehearsal.on.drops[0]?.state, "open");
  await rehearsal.endDrop(drop);
  assert.equal(rehearsal.on.drops[0]?.state, "ended");
  await rehearsal.undo();
  now += 30_000;
  assert.equal(rehearsal.on.drops[0]?.state, "ended", "its time is over");
});

test("the stage's orders are the host API's", async () => {
  /** @type {any[]} */
  const sent = [];
  const api = {
    post: async (/** @type {string} */ path, /** @type {any} */ body, /** @type {string} */ key) => {
      sent.push(["POST", path, body, key]);
      return { id: "made" };
    },
    delete: async (/** @type {string} */ path) => void sent.push(["DELETE", path]),
  };
  const stage = new Stage(api, "gala", () => Date.UTC(2026, 0, 1), () => "key-1");
  const [first, , third] = ROWS;
  assert.equal(await stage.show(/** @type {any} */ (first)), "made");
  await stage.endCue("cue_1", 5000.4);
  assert.equal(await stage.drop(/** @type {any} */ (third).drop), "made");
  await stage.endDrop("drp_1");
  await stage.undo();
  assert.deepEqual(sent, [
    ["POST", "/api/events/gala/cues", { kind: "product", products: ["qipao"], duration_ms: 7000, anchor: { x: 0.5, y: 0.55 } }, undefined],
    ["DELETE", "/api/events/gala/cues/cue_1?at_ms=5000"],
    ["POST", "/api/drops", { event: "gala", sku: "dress", variant: "dress-m", quantity: 12, per_customer: 1, opens_after_ms: 8000, draw_ms: 3000, closes_at: "2026-01-01T00:00:38.000Z" }, "key-1"],
    ["DELETE", "/api/drops/drp_1"],
    ["POST", "/api/host/events/gala/undo", {}, undefined],
  ]);
});
