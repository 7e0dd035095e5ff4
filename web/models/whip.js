/**
 * A WHIP publisher (RFC 9725): one offer by POST, the answer back, one DELETE at the end. No ICE servers: the shop's
 * own address is enough, and no stranger learns of the show. The peer connection and fetch are handed in.
 */

/** Gathering host candidates takes milliseconds; a browser that never finishes must not hold the show up. */
const GATHER_LIMIT_MS = 2000;

/** Enough for 720p30 of moving cloth; the server passes the bits through to every viewer. */
export const VIDEO_BITRATE = 3_500_000;

/** @typedef {"live" | "lost" | "ended"} WhipState */

export class WhipError extends Error {
  /**
   * @param {number} status the HTTP status; 0 when there was no answer
   * @param {string} slug the problem's slug
   * @param {string} detail a sentence from the server, may be empty
   */
  constructor(status, slug, detail) {
    super(detail || slug);
    this.status = status;
    this.slug = slug;
    this.detail = detail;
  }
}

export class WhipPublisher {
  #url;
  #fetch;
  #connect;
  /** @type {RTCPeerConnection | null} */
  #peer = null;
  /** @type {string | null} */
  #resource = null;
  #ended = false;

  /**
   * @param {string} url the event's WHIP endpoint
   * @param {{fetch?: typeof fetch, connect?: () => RTCPeerConnection, onstate?: (state: WhipState) => void}} [ports]
   */
  constructor(url, { fetch: fetch_ = fetch.bind(globalThis), connect, onstate = () => {} } = {}) {
    this.#url = url;
    this.#fetch = fetch_;
    this.#connect = connect ?? (() => new RTCPeerConnection({ iceServers: [] }));
    this.onstate = onstate;
  }

  /**
   * Publishes the stream. Resolves when the server has accepted; `onstate` tells when pictures flow.
   * @param {MediaStream} stream
   * @throws {WhipError} refused (401 wrong key, 409 somebody is live) or unreachable (status 0)
   */
  async publish(stream) {
    const peer = this.#connect();
    this.#peer = peer;
    this.#ended = false;
    peer.addEventListener("connectionstatechange", () => this.#changed(peer));
    for (const track of stream.getTracks()) {
      const sender = peer.addTransceiver(track, { direction: "sendonly", streams: [stream], ...encodings(track) });
      if (track.kind === "video") preferH264(sender);
    }
    try {
      await peer.setLocalDescription();
      await gathered(peer);
      const answer = await this.#post(peer.localDescription?.sdp ?? "");
      await peer.setRemoteDescription({ type: "answer", sdp: answer });
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  /**
   * Another camera or microphone, without a new connection.
   * @param {MediaStreamTrack} track
   */
  async replace(track) {
    const sender = this.#peer?.getSenders().find((one) => one.track?.kind === track.kind);
    await sender?.replaceTrack(track);
  }

  /** What the browser measures of the outgoing picture; null while nothing is sent. */
  async measured() {
    const report = await this.#peer?.getStats();
    return report ? outgoing([...report.values()]) : null;
  }

  /** Ends the publication. `leaving`: the page goes away, so the request has to outlive it. */
  async end(leaving = false) {
    this.#ended = true;
    this.#peer?.close();
    this.#peer = null;
    const resource = this.#resource;
    this.#resource = null;
    if (resource === null) return;
    // The server ends an abandoned publication by itself; a lost DELETE is no error to show.
    await this.#fetch(resource, { method: "DELETE", keepalive: leaving }).catch(() => {});
    this.onstate("ended");
  }

  /** @param {string} offer @returns {Promise<string>} */
  async #post(offer) {
    /** @type {Response} */
    let response;
    try {
      response = await this.#fetch(this.#url, {
        method: "POST",
        headers: { "Content-Type": "application/sdp" },
        body: offer,
      });
    } catch {
      throw new WhipError(0, "unreachable", "");
    }
    const body = await response.text();
    if (response.status !== 201) throw problem(response.status, body);
    const location = response.headers.get("Location");
    this.#resource = location === null ? null : new URL(location, response.url || this.#url).href;
    return body;
  }

  /** @param {RTCPeerConnection} peer */
  #changed(peer) {
    if (peer !== this.#peer || this.#ended) return;
    if (peer.connectionState === "connected") this.onstate("live");
    if (peer.connectionState === "failed" || peer.connectionState === "disconnected") this.onstate("lost");
  }
}

/**
 * The codecs with H.264 first; the server passes it through without encoding anew. Constrained baseline and
 * packetization mode 1 lead, every browser's encoder and every player knows them.
 * @template {{mimeType: string, sdpFmtpLine?: string}} C
 * @param {readonly C[]} codecs
 * @returns {C[]}
 */
export function h264First(codecs) {
  /** @param {C} codec */
  const rank = (codec) => {
    if (codec.mimeType.toLowerCase() !== "video/h264") return 3;
    if (!codec.sdpFmtpLine?.includes("packetization-mode=1")) return 2;
    return /profile-level-id=42e0/i.test(codec.sdpFmtpLine) ? 0 : 1;
  };
  return [...codecs].sort((a, b) => rank(a) - rank(b));
}

/**
 * The outgoing video's figures from a stats report.
 * @param {readonly any[]} report
 */
export function outgoing(report) {
  const video = report.find((entry) => entry.type === "outbound-rtp" && entry.kind === "video");
  const remote = report.find((entry) => entry.type === "remote-inbound-rtp" && entry.kind === "video");
  if (!video) return null;
  return {
    width: video.frameWidth ?? 0,
    height: video.frameHeight ?? 0,
    fps: Math.round(video.framesPerSecond ?? 0),
    bytes: video.bytesSent ?? 0,
    at: video.timestamp ?? 0,
    lost: remote?.fractionLost ?? 0,
    limited: video.qualityLimitationReason ?? "none",
  };
}

/** @param {RTCRtpTransceiver} transceiver */
function preferH264(transceiver) {
  const known = globalThis.RTCRtpSender?.getCapabilities?.("video")?.codecs;
  if (known) transceiver.setCodecPreferences?.(h264First(known));
}

/** @param {MediaStreamTrack} track @returns {{sendEncodings?: RTCRtpEncodingParameters[]}} */
function encodings(track) {
  return track.kind === "video" ? { sendEncodings: [{ maxBitrate: VIDEO_BITRATE, maxFramerate: 30 }] } : {};
}

/** @param {RTCPeerConnection} peer @returns {Promise<void>} */
function gathered(peer) {
  if (peer.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const limit = setTimeout(resolve, GATHER_LIMIT_MS);
    peer.addEventListener("icegatheringstatechange", () => {
      if (peer.iceGatheringState !== "complete") return;
      clearTimeout(limit);
      resolve();
    });
  });
}

/** @param {number} status @param {string} body */
function problem(status, body) {
  try {
    const { type = "", detail = "" } = JSON.parse(body);
    return new WhipError(status, String(type).split("/").at(-1) || "refused", String(detail));
  } catch {
    return new WhipError(status, "refused", "");
  }
}
