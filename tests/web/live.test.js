import assert from "node:assert/strict";
import { test } from "node:test";

import { CUE, CUE_END, DROP } from "../../web/models/event-names.js";
import { ANSWER_MS, FLOOD, Live, RESTART, SPREAD_MS } from "../../web/models/live.js";
import { Timeline } from "../../web/models/timeline.js";

/** A cue as the server sends it. @param {number} seq @param {string} id @param {number} at @param {number} lasts */
const cue = (seq, id, at, lasts = 1000) => ({ seq, id, kind: "product", products: ["tee"], at_ms: at, duration_ms: lasts });
const EMPTY = { event: "gala", state: "live", now_ms: 5000, seq: 0, cues: [], drops: [], viewers: 1, said: [] };

/** A connection whose other end is the test. */
class Wire {
  handlers = new Map();
  /** @type {{name: string, data: any, answer: (value: any) => void, fail: () => void}[]} */
  asked = [];
  connects = 0;
  on(name, handler) {
    this.handlers.set(name, handler);
  }
  ask(name, data, answered) {
    this.asked.push({ name, data, answer: (value) => answered(null, value), fail: () => answered(new Error("time")) });
  }
  connect() {
    this.connects += 1;
  }
  disconnect() {}
  tell(name, message) {
    this.handlers.get(name)(message);
  }
  get last() {
    return this.asked.at(-1);
  }
}

function joined(snapshot = EMPTY) {
  const wire = new Wire();
  const [changes, later, stock] = [[], [], []];
  const live = new Live(wire, "gala", {
    changed: (change) => changes.push(change),
    stock: (drop, left) => stock.push([drop, left]),
    later: (handler, ms) => later.push({ handler, ms }),
    local: () => 0,
    random: () => 0.5,
  });
  wire.tell("connect");
  if (snapshot) wire.last.answer(snapshot);
  return { wire, live, changes, later, stock };
}

test("a frame carries the cues from their first millisecond up to, not including, their end", () => {
  const timeline = new Timeline();
  timeline.apply(CUE, cue(1, "a", 1000, 500));
  assert.deepEqual([999, 1000, 1499, 1500].map((at) => timeline.live(at).length), [0, 1, 1, 0]);
});

test("a message that is known changes nothing and one that skips is a gap", () => {
  const timeline = new Timeline();
  assert.equal(timeline.apply(CUE, cue(1, "a", 0)), "applied");
  assert.equal(timeline.apply(CUE, cue(1, "a", 9000)), "known");
  assert.equal(timeline.apply(CUE, cue(3, "b", 0)), "gap");
  assert.equal(timeline.seq, 1);
});

test("an end only ever shortens, and one at the beginning or without a time takes the cue back", () => {
  const timeline = new Timeline();
  for (const [seq, id] of [[1, "a"], [2, "b"], [3, "c"]]) timeline.apply(CUE, cue(seq, id, 1000, 1000));
  timeline.apply(CUE_END, { seq: 4, id: "a", at_ms: 1500 });
  timeline.apply(CUE_END, { seq: 5, id: "a", at_ms: 1900 });
  timeline.apply(CUE_END, { seq: 6, id: "b", at_ms: null });
  timeline.apply(CUE_END, { seq: 7, id: "c", at_ms: 1000 });
  timeline.apply(CUE_END, { seq: 8, id: "nobody", at_ms: 1 });
  assert.deepEqual(timeline.live(1499).map(({ id }) => id), ["a"]);
  assert.deepEqual(timeline.live(1500), []);
});

test("cues that nobody can seek back to are forgotten", () => {
  const timeline = new Timeline();
  timeline.apply(CUE, cue(1, "old", 0, 1000));
  timeline.apply(CUE, cue(2, "new", 500, 1000));
  timeline.forget(1000);
  assert.deepEqual(timeline.live(900).map(({ id }) => id), ["new"]);
});

test("joining gives the snapshot, and what came meanwhile is applied once", () => {
  const { wire, live } = joined(null);
  assert.deepEqual(wire.last.data, { event: "gala" });
  wire.tell(CUE, cue(7, "b", 0));
  wire.tell(CUE, cue(8, "c", 0));
  wire.last.answer({ ...EMPTY, seq: 7, cues: [cue(6, "a", 0), cue(7, "b", 0)] });
  assert.equal(live.status, "on");
  assert.deepEqual(live.timeline.live(1).map(({ id }) => id), ["a", "b", "c"]);
  assert.equal(live.timeline.seq, 8);
});

test("a gap asks once for what is missing and ends complete and in order", () => {
  const { wire, live } = joined();
  wire.tell(CUE, cue(3, "c", 0));
  wire.tell(CUE, cue(4, "d", 0));
  assert.equal(wire.asked.length, 2);
  assert.deepEqual(wire.last.data, { event: "gala", since: 0 });
  const missed = [{ type: CUE, ...cue(1, "a", 0) }, { type: CUE, ...cue(2, "b", 0) }];
  wire.last.answer({ ...EMPTY, cues: undefined, drops: undefined, seq: 2, missed });
  assert.deepEqual(live.timeline.live(1).map(({ id }) => id), ["a", "b", "c", "d"]);
});

test("after a lost connection the last number is told and only what was missed comes", () => {
  const { wire, live, changes } = joined({ ...EMPTY, seq: 4 });
  wire.tell("disconnect");
  assert.equal(live.status, "offline");
  wire.tell("connect");
  assert.deepEqual(wire.last.data, { event: "gala", since: 4 });
  wire.last.answer({ ...EMPTY, seq: 5, missed: [{ type: DROP, seq: 5, id: "d", state: "announced" }] });
  assert.equal(live.status, "on");
  assert.deepEqual(live.timeline.drops.map(({ id }) => id), ["d"]);
  assert.ok(changes.includes("timeline"));
});

test("when the time away was too long, the snapshot replaces everything", () => {
  const { wire, live } = joined({ ...EMPTY, seq: 4, cues: [cue(4, "old", 0)] });
  wire.tell("disconnect");
  wire.tell("connect");
  wire.last.answer({ ...EMPTY, seq: 900, cues: [cue(900, "new", 0)] });
  assert.deepEqual(live.timeline.live(1).map(({ id }) => id), ["new"]);
});

test("a server that sends everybody away is not stormed", () => {
  const { wire, later } = joined();
  wire.tell("disconnect", "io server disconnect");
  assert.equal(wire.connects, 0);
  assert.equal(later[0].ms, SPREAD_MS / 2);
  later[0].handler();
  assert.equal(wire.connects, 1);
});

test("an answer that does not come counts as a dead connection", () => {
  const { wire, live, later } = joined(null);
  wire.last.fail();
  assert.equal(live.status, "connecting");
  assert.equal(later.length, 1);
});

test("an unknown event is told, too much haste heals by waiting", () => {
  const one = joined(null);
  one.wire.last.answer({ error: "unknown-event" });
  assert.equal(one.live.status, "refused");
  const other = joined(null);
  other.wire.last.answer({ error: "too-fast" });
  assert.ok(other.later[0].ms >= ANSWER_MS);
});

test("chat lines are kept once and taken away when they are hidden", () => {
  const line = (/** @type {string} */ id) => ({ id, author: "A", text: id, said_at: "" });
  const { wire, live } = joined({ ...EMPTY, said: [line("a")] });
  wire.tell("said", line("a"));
  wire.tell("said", line("b"));
  wire.tell("unsaid", { id: "a" });
  assert.deepEqual(live.said.map(({ id }) => id), ["b"]);
});

test("nothing is sent while the connection is away", async () => {
  const { wire, live } = joined();
  wire.tell("disconnect");
  assert.deepEqual(await live.say("hello"), { error: "offline" });
});

test("what describes the moment is handed on", () => {
  const { wire, live, stock } = joined();
  wire.tell("stock", { drop: "d", left: 3 });
  wire.tell("viewers", { count: 12 });
  wire.tell("state", { state: "pause", since_ms: 77 });
  assert.deepEqual([stock, live.viewers, live.state, live.since], [[["d", 3]], 12, "pause", 77]);
});

test("a restarting server's viewers come back spread out, a flooding one later, and the library brings back the rest", () => {
  const closed = (/** @type {number} */ code) => ({ context: { code } });
  const { wire, later, live } = joined();
  for (const [code, from, to] of [[RESTART, 0, SPREAD_MS], [FLOOD, ANSWER_MS, ANSWER_MS + SPREAD_MS]]) {
    wire.handlers.get("disconnect")("transport close", closed(code));
    const { ms } = later.at(-1);
    assert.ok(from < ms && ms < to, `${code}: ${ms}`);
  }
  const planned = later.length;
  for (const code of [1006, 4009]) wire.handlers.get("disconnect")("transport close", closed(code));
  assert.equal(later.length, planned);
  assert.equal(live.status, "offline");
});
