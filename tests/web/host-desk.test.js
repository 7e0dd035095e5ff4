import assert from "node:assert/strict";
import { test } from "node:test";

import { ARMED_MS, HostDesk } from "../../web/models/host-desk.js";
import { UNDO_MS } from "../../web/models/host-undo.js";

const ROWS = [
  { number: 1, title: { en: "Qipao" }, kind: "product", products: ["qipao"], seconds: 7 },
  { number: 2, title: { en: "The drop" }, drop: { sku: "dress", variant: "dress-m", quantity: 12 } },
];

/** A desk whose server accepts everything and keeps what it was asked; `refuse` makes it refuse. */
function desk() {
  /** @type {string[]} */
  const asked = [];
  const told = { now: 1000, refuse: false, cues: /** @type {any[]} */ ([]), drops: /** @type {any[]} */ ([]) };
  const note = async (/** @type {string} */ what) => {
    asked.push(what);
    if (told.refuse) throw new Error("no");
    return { id: `id-${asked.length}` };
  };
  const made = new HostDesk({
    api: {
      get: async () => ({ rows: ROWS, autopilot: true }),
      post: (path) => note(`POST ${path}`),
      put: (path) => note(`PUT ${path}`),
      delete: (path) => note(`DELETE ${path}`),
    },
    event: "gala",
    language: "en",
    on: () => told,
    now: () => told.now,
    media: () => 5000,
    key: () => "k",
    changed: () => {},
  });
  return { made, asked, told };
}

test("the space bar goes through the run of show and the same key ends what it began", async () => {
  const { made, asked, told } = desk();
  await made.load();
  assert.equal(made.autopilot, true);
  await made.pressNext();
  told.cues = [{ id: "id-1", kind: "product", products: ["qipao"], at_ms: 0, duration_ms: 7000 }];
  assert.deepEqual(made.views.map((view) => view.state), ["on", "next"]);
  await made.pressRow("1");
  await made.pressNext();
  assert.deepEqual(asked, ["POST /api/events/gala/cues", "DELETE /api/events/gala/cues/id-1?at_ms=5000", "POST /api/drops"]);
  assert.equal(made.done?.deed, "dropped");
});

test("an order can be taken back for five seconds and its row is ahead again", async () => {
  const { made, asked, told } = desk();
  await made.load();
  await made.pressNext();
  told.now += UNDO_MS - 1;
  assert.equal(await made.takeBack(), true);
  assert.equal(asked.at(-1), "POST /api/host/events/gala/undo");
  assert.equal(made.views[0]?.state, "next");
  await made.pressNext();
  told.now += UNDO_MS;
  assert.equal(await made.takeBack(), false);
});

test("a refused order is said, changes nothing and cannot be taken back", async () => {
  const { made, told } = desk();
  await made.load();
  told.refuse = true;
  await made.pressNext();
  assert.equal(made.refused?.message, "no");
  assert.equal(made.views[0]?.state, "next");
  assert.equal(made.undo.open(told.now), null);
  assert.equal(made.busy.size, 0);
});

test("a rehearsal asks the server for nothing and leaves nothing behind", async () => {
  const { made, asked } = desk();
  await made.load();
  made.rehearse(true);
  await made.pressNext();
  assert.equal(made.views[0]?.state, "on");
  await made.drop({ sku: "hat", variant: "hat-m", quantity: 3 }, "Hat");
  assert.equal(made.on.drops.length, 1);
  await made.takeBack();
  assert.equal(made.on.drops.length, 0);
  made.rehearse(false);
  assert.deepEqual([asked.length, made.views[0]?.state], [0, "next"]);
});

test("setting the show back to its beginning forgets which rows were shown", async () => {
  const { made } = desk();
  await made.load();
  await made.pressNext();
  assert.equal(made.views[0]?.state, "done");
  await made.move("after");
  assert.equal(made.views[0]?.state, "done");
  await made.move("before");
  assert.equal(made.views[0]?.state, "next");
});

test("a drop ends at the second press within its time, and cannot be taken back", async () => {
  const { made, asked, told } = desk();
  await made.load();
  told.drops = [{ id: "drp_1", state: "open", sku: "dress", variant: "dress-m", quantity: 12, left: 12 }];
  await made.pressRow("2");
  assert.deepEqual([made.waits("drp_1"), asked.length], [true, 0]);
  told.now += ARMED_MS;
  await made.endDrop("drp_1", "The drop");
  assert.equal(asked.length, 0, "the first press was too long ago");
  await made.pressRow("2");
  assert.deepEqual(asked, ["DELETE /api/drops/drp_1"]);
  assert.equal(made.undo.open(told.now), null);
});
