import assert from "node:assert/strict";
import { test } from "node:test";

import { cameraConstraints, cameraProblem, cameraReachable, framing } from "../../web/models/mirror-camera.js";
import { LEVELS, MirrorPace } from "../../web/models/mirror-pace.js";
import { JPEG_LIMIT, decodeFrame, encodeFrame, readControl, wishMessage } from "../../web/models/mirror-protocol.js";
import { IN_FLIGHT_LIMIT, LOST_AFTER_MS, MirrorSession, PATIENCE, READY_WITHIN_MS, SILENT_AFTER_MS } from "../../web/models/mirror-session.js";

const JPEG = Uint8Array.of(0xff, 0xd8, 1, 2, 3);

/** The server's answer to a message: the same header, another picture. @param {Uint8Array<ArrayBuffer>} message */
function answer(message) {
  return encodeFrame(new DataView(message.buffer).getUint32(0), new DataView(message.buffer).getUint32(4), JPEG).buffer;
}

test("a frame is a big-endian header of two numbers and the picture", () => {
  const message = encodeFrame(258, 65_536.9, JPEG);
  assert.deepEqual([...message], [0, 0, 1, 2, 0, 1, 0, 0, 0xff, 0xd8, 1, 2, 3]);
  const frame = decodeFrame(message.buffer);
  assert.deepEqual([frame?.sequence, frame?.timestamp, [...(frame?.jpeg ?? [])]], [258, 65_536, [...JPEG]]);
});

test("numbers past 32 bits wrap, a header alone is no frame and a picture over the limit is not sent", () => {
  assert.equal(decodeFrame(encodeFrame(2 ** 32 + 7, 2 ** 32 + 9, JPEG).buffer)?.sequence, 7);
  assert.equal(decodeFrame(new ArrayBuffer(8)), null);
  assert.throws(() => encodeFrame(1, 1, new Uint8Array(JPEG_LIMIT + 1)), RangeError);
});

test("control text is read as far as it is known", () => {
  assert.deepEqual(readControl('{"state":"turn-around"}'), { kind: "state", state: "turn-around", position: null });
  assert.deepEqual(readControl('{"state":"busy","position":3}'), { kind: "state", state: "busy", position: 3 });
  assert.deepEqual(readControl('{"error":"bad-frame","sequence":4}'), { kind: "error", slug: "bad-frame", sequence: 4 });
  for (const text of ["", "[]", "null", '{"state":"dancing"}', "{"]) assert.equal(readControl(text), null);
});

test("a wish tells garments, sizes and a height that may be one", () => {
  const wish = { garments: ["tee", "jacket"], sizes: { tee: "XL" }, height: 172 };
  assert.equal(wishMessage(wish), '{"wear":["tee","jacket"],"sizes":{"tee":"XL"},"height_cm":172}');
  for (const height of [null, 17, 1720]) assert.equal(wishMessage({ ...wish, height }), '{"wear":["tee","jacket"],"sizes":{"tee":"XL"}}');
});

test("advice is kept by garment", () => {
  const session = new MirrorSession();
  session.opened(0);
  session.told('{"advice":[{"garment":"tee","sizes":["M","L"],"reason":"whole-body"}]}', 5);
  assert.deepEqual(session.advice, { tee: { garment: "tee", sizes: ["M", "L"], reason: "whole-body" } });
});

test("two frames are in flight and the third waits for an answer", () => {
  const session = new MirrorSession();
  session.opened(0);
  const first = session.send(JPEG, 0);
  assert.equal(session.wants(10), false, "too early for the pace");
  assert.equal(session.wants(50), true);
  session.send(JPEG, 50);
  assert.equal(IN_FLIGHT_LIMIT, 2);
  assert.equal(session.wants(100), false);
  assert.deepEqual([...(session.answered(answer(first), 120) ?? [])], [...JPEG]);
  assert.equal(session.state, "ok");
  assert.equal(session.wants(130), true);
});

test("an answer older than the shown one is counted but not shown, and settles the frames before it", () => {
  const session = new MirrorSession();
  session.opened(0);
  const first = session.send(JPEG, 0);
  const second = session.send(JPEG, 60);
  assert.ok(session.answered(answer(second), 120));
  assert.equal(session.answered(answer(first), 130), null);
  session.send(JPEG, 140);
  assert.equal(session.wants(200), true, "the replaced frame no longer counts");
});

test("a frame without an answer is given up and the pictures get smaller", () => {
  const session = new MirrorSession();
  session.opened(0);
  session.send(JPEG, 0);
  assert.equal(session.wants(LOST_AFTER_MS), true);
  assert.equal(session.pace.level, LEVELS[0], "a mirror that is not ready yet says nothing about the network");
  session.answered(answer(session.send(JPEG, LOST_AFTER_MS)), LOST_AFTER_MS + 30);
  session.send(JPEG, LOST_AFTER_MS + 50);
  session.send(JPEG, LOST_AFTER_MS + 100);
  assert.equal(session.wants(2 * LOST_AFTER_MS), false);
  assert.equal(session.wants(2 * LOST_AFTER_MS + 100), true);
  assert.equal(session.pace.level, LEVELS.at(-2), "two frames, two levels");
});

test("a frame that the server could not use frees its place", () => {
  const session = new MirrorSession();
  session.opened(0);
  session.send(JPEG, 0);
  session.send(JPEG, 50);
  session.told('{"error":"bad-jpeg","sequence":0}', 60);
  assert.equal(session.wants(100), true);
});

test("a full room shows the place in the queue and sends nothing", () => {
  const session = new MirrorSession();
  session.opened(0);
  session.told('{"state":"busy","position":2}', 5);
  assert.deepEqual([session.state, session.position, session.wants(100)], ["busy", 2, false]);
  session.told('{"state":"ok"}', 900);
  assert.deepEqual([session.state, session.position, session.wants(1000)], ["ok", null, true]);
});

test("a mirror without a worker is getting ready at first and unavailable later, and is back by a word", () => {
  const session = new MirrorSession();
  session.opened(0);
  session.told('{"state":"busy"}', 5);
  assert.deepEqual([session.state, session.wants(100)], ["waiting", false]);
  session.told('{"state":"busy"}', 5000);
  session.silent(5 + READY_WITHIN_MS);
  assert.equal(session.state, "unavailable");
  session.told('{"state":"ok"}', 20_000);
  assert.deepEqual([session.state, session.wants(20_001)], ["ok", true]);
  session.told('{"state":"unavailable"}', 21_000);
  assert.deepEqual([session.state, session.wants(22_000)], ["unavailable", false]);
});

test("nobody in the picture is guidance, and pictures go on", () => {
  const session = new MirrorSession();
  session.opened(0);
  session.told('{"state":"step-back"}', 5);
  assert.equal(session.state, "step-back");
  assert.ok(session.wants(100));
});

test("a lost connection is tried again, ever later, and at last said to be unavailable", () => {
  const session = new MirrorSession();
  session.connecting();
  assert.equal(session.state, "connecting");
  const waits = [];
  for (let attempt = 0; attempt < PATIENCE; attempt += 1) {
    waits.push(session.closed(1006, 0.5));
    assert.equal(session.state, "reconnecting");
  }
  assert.deepEqual(waits, [400, 900, 2000, 4000]);
  assert.equal(session.closed(1006, 0.5), 20_000);
  assert.equal(session.state, "unavailable");
  session.opened(0);
  session.told('{"state":"ok"}', 1);
  assert.equal(session.closed(1006, 0), 300, "once it worked, patience begins anew");
});

test("a mirror that was taken over by another tab does not fight for it", () => {
  const session = new MirrorSession();
  session.opened(0);
  assert.equal(session.closed(4001, 0.5), null);
  assert.equal(session.state, "replaced");
});

test("a socket that is open but silent is noticed", () => {
  const session = new MirrorSession();
  session.opened(0);
  assert.equal(session.silent(SILENT_AFTER_MS + 1), false, "nothing was asked");
  session.send(JPEG, 10);
  assert.equal(session.silent(SILENT_AFTER_MS - 1), false);
  assert.equal(session.silent(SILENT_AFTER_MS), true);
});

test("late answers make the picture smaller, prompt ones larger again, slowly", () => {
  const pace = new MirrorPace();
  let now = 0;
  for (; now < 5000; now += 100) pace.answered(600, now);
  assert.equal(pace.level, LEVELS[2]);
  assert.equal(pace.latency, 600);
  for (; now < 11_000; now += 100) pace.answered(60, now);
  assert.equal(pace.level, LEVELS[2], "not yet");
  for (; now < 20_000; now += 100) pace.answered(60, now);
  assert.equal(pace.level, LEVELS[0]);
  assert.equal(pace.rate(now), 9.5);
  pace.answered(400, now);
  assert.equal(pace.slowest(now), 400);
  assert.equal(pace.slowest(now + 60_000), null);
});

test("what the browser throws becomes one of five problems", () => {
  assert.equal(cameraProblem(new DOMException("", "NotAllowedError")), "refused");
  assert.equal(cameraProblem(new DOMException("", "NotFoundError")), "none");
  assert.equal(cameraProblem(new DOMException("", "NotReadableError")), "in-use");
  assert.equal(cameraProblem(new TypeError()), "insecure");
  assert.equal(cameraProblem("?"), "lost");
  assert.equal(cameraReachable({ isSecureContext: false, navigator: { mediaDevices: {} } }), false);
  assert.equal(cameraReachable({ isSecureContext: true, navigator: {} }), false);
});

test("the front camera is asked for, or exactly the chosen one, and never a microphone", () => {
  const front = cameraConstraints();
  const chosen = cameraConstraints("abc");
  assert.equal(front.audio, false);
  assert.deepEqual([/** @type {any} */ (front.video).facingMode, /** @type {any} */ (chosen.video).deviceId], ["user", { exact: "abc" }]);
});

test("frames are the middle of the picture, upright on an upright phone, and never enlarged", () => {
  const level = { width: 640, height: 480 };
  assert.deepEqual(framing(1280, 720, level), { x: 160, y: 0, width: 960, height: 720, outWidth: 640, outHeight: 480 });
  assert.deepEqual(framing(720, 1280, level), { x: 0, y: 160, width: 720, height: 960, outWidth: 480, outHeight: 640 });
  assert.deepEqual(framing(320, 240, level), { x: 0, y: 0, width: 320, height: 240, outWidth: 320, outHeight: 240 });
});

test("a camera of thirty pictures a second gives the level's rate and not half of it", () => {
  const session = new MirrorSession();
  session.opened(0);
  let sent = 0;
  for (let picture = 0; picture < 300; picture += 1) {
    const now = picture * (1000 / 30);
    if (!session.wants(now)) continue;
    session.answered(answer(session.send(JPEG, now)), now + 5);
    sent += 1;
  }
  assert.ok(Math.abs(sent / 10 - 24) <= 1, `${sent / 10} a second`);
});
