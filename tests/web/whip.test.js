import assert from "node:assert/strict";
import { test } from "node:test";

import { WhipError, WhipPublisher, h264First, outgoing } from "../../web/models/whip.js";

/** As much of a peer connection as a publisher touches. */
class Peer extends EventTarget {
  iceGatheringState = "gathering";
  connectionState = "new";
  /** @type {any} */ localDescription = null;
  /** @type {any} */ remoteDescription = null;
  /** @type {any[]} */ senders = [];
  closed = false;

  /** @param {any} track @param {any} init */
  addTransceiver(track, init) {
    const sender = { track, init, replaceTrack: async (/** @type {any} */ other) => void (sender.track = other) };
    this.senders.push(sender);
    return { sender };
  }
  async setLocalDescription() {
    this.localDescription = { sdp: "half" };
    queueMicrotask(() => {
      this.localDescription = { sdp: "offer with candidates" };
      this.iceGatheringState = "complete";
      this.dispatchEvent(new Event("icegatheringstatechange"));
    });
  }
  /** @param {any} description */
  async setRemoteDescription(description) {
    this.remoteDescription = description;
  }
  getSenders() {
    return this.senders;
  }
  /** @param {string} state */
  become(state) {
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }
  close() {
    this.closed = true;
  }
}

const STREAM = /** @type {any} */ ({ getTracks: () => [{ kind: "video", id: 1 }, { kind: "audio", id: 2 }] });

/** @param {(url: string, init: any) => Response | Promise<Response>} reply */
function publisher(reply) {
  const peer = new Peer();
  /** @type {any[]} */
  const requests = [];
  /** @type {string[]} */
  const states = [];
  const whip = new WhipPublisher("http://shop.test/whip/gala", {
    fetch: /** @type {any} */ (
      async (/** @type {string} */ url, /** @type {any} */ init) => {
        requests.push([init.method, url, init.body]);
        return reply(url, init);
      }
    ),
    connect: () => /** @type {any} */ (peer),
    onstate: (state) => states.push(state),
  });
  return { whip, peer, requests, states };
}

const created = () => new Response("answer", { status: 201, headers: { Location: "/whip/gala/s1" } });

test("one offer with every candidate is posted and the answer is taken", async () => {
  const { whip, peer, requests, states } = publisher(created);
  await whip.publish(STREAM);
  assert.deepEqual(requests, [["POST", "http://shop.test/whip/gala", "offer with candidates"]]);
  assert.deepEqual(peer.remoteDescription, { type: "answer", sdp: "answer" });
  assert.ok(peer.senders.every((sender) => sender.init.direction === "sendonly"));
  peer.become("connected");
  peer.become("disconnected");
  assert.deepEqual(states, ["live", "lost"]);
});

test("the end is one DELETE of the resource that the server named", async () => {
  const { whip, peer, requests, states } = publisher(created);
  await whip.publish(STREAM);
  await whip.end();
  await whip.end();
  assert.deepEqual(requests[1], ["DELETE", "http://shop.test/whip/gala/s1", undefined]);
  assert.equal(requests.length, 2);
  assert.ok(peer.closed);
  peer.become("failed");
  assert.deepEqual(states, ["ended"], "what a closed connection says is no news");
});

test("a refusal names its reason and leaves nothing open", async () => {
  const body = JSON.stringify({ type: "already-live", detail: "Somebody is live." });
  const { whip, peer, requests } = publisher(() => new Response(body, { status: 409 }));
  await assert.rejects(whip.publish(STREAM), (error) => {
    assert.ok(error instanceof WhipError);
    assert.deepEqual([error.status, error.slug, error.message], [409, "already-live", "Somebody is live."]);
    return true;
  });
  assert.ok(peer.closed);
  assert.equal(requests.length, 1);
});

test("a server that cannot be reached and one that answers nonsense are refusals too", async () => {
  const away = publisher(() => Promise.reject(new TypeError("network")));
  await assert.rejects(away.whip.publish(STREAM), (error) => error instanceof WhipError && error.status === 0);
  const nonsense = publisher(() => new Response("<html>", { status: 502 }));
  await assert.rejects(nonsense.whip.publish(STREAM), (error) => error instanceof WhipError && error.status === 502);
});

test("another camera replaces the track without a new offer", async () => {
  const { whip, peer, requests } = publisher(created);
  await whip.publish(STREAM);
  await whip.replace(/** @type {any} */ ({ kind: "video", id: 9 }));
  assert.equal(peer.senders[0].track.id, 9);
  assert.equal(requests.length, 1);
});

test("H.264 constrained baseline leads and nothing is lost", () => {
  const codecs = [
    { mimeType: "video/VP8" },
    { mimeType: "video/H264", sdpFmtpLine: "packetization-mode=0;profile-level-id=42e01f" },
    { mimeType: "video/rtx" },
    { mimeType: "video/H264", sdpFmtpLine: "packetization-mode=1;profile-level-id=640c1f" },
    { mimeType: "video/H264", sdpFmtpLine: "packetization-mode=1;profile-level-id=42e01f" },
  ];
  assert.deepEqual(h264First(codecs), [codecs[4], codecs[3], codecs[1], codecs[0], codecs[2]]);
});

test("the figures of the outgoing picture come from two entries of the report", () => {
  assert.equal(outgoing([]), null);
  const video = { type: "outbound-rtp", kind: "video", frameWidth: 1280, frameHeight: 720, framesPerSecond: 29.6, bytesSent: 5, timestamp: 9 };
  const remote = { type: "remote-inbound-rtp", kind: "video", fractionLost: 0.02 };
  assert.deepEqual(outgoing([video, remote]), { width: 1280, height: 720, fps: 30, bytes: 5, at: 9, lost: 0.02, limited: "none" });
});
