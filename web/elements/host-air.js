/**
 * <ls-air>: the picture's way to the viewers. From this browser's camera with a preview, or from an encoder such as OBS
 * by address and key. In a rehearsal only the preview runs.
 */

import { LitElement, html, nothing } from "lit";

import { WhipError, WhipPublisher } from "../models/whip.js";
import { t } from "../page.js";
import { airStyle } from "./host-air-style.js";
import { cameraOf, wanted } from "./host-camera.js";
import { encoderOf } from "./host-encoder.js";
import { ingestState } from "./host-figures.js";
import "./icon.js";
import "./player.js";

const MEASURE_MS = 1000;
/** After a lost connection the next attempt waits this long; the server frees the place within seconds. */
const AGAIN_MS = 2500;

const REFUSALS = /** @type {Record<number, string>} */ ({ 0: "offline", 401: "unauthorized", 409: "taken" });

/** @typedef {"off" | "preview" | "connecting" | "live" | "lost"} Air */

export class OnAir extends LitElement {
  static styles = airStyle;

  static properties = {
    event: { attribute: false },
    rehearsing: { attribute: false },
    ingest: { attribute: false },
    playlist: { attribute: false },
    way: { state: true },
    air: { state: true },
    problem: { state: true },
    cameras: { state: true },
    microphones: { state: true },
    measured: { state: true },
    key: { state: true },
    copied: { state: true },
    rotating: { state: true },
    muted: { state: true },
  };

  constructor() {
    super();
    this.event = "";
    this.rehearsing = false;
    /** What the server sees arriving. @type {any} */
    this.ingest = null;
    /** Where the picture plays that viewers see. */
    this.playlist = "";
    /** @type {"camera" | "encoder"} */
    this.way = "camera";
    /** @type {Air} */
    this.air = "off";
    this.problem = "";
    /** @type {MediaDeviceInfo[]} */
    this.cameras = [];
    /** @type {MediaDeviceInfo[]} */
    this.microphones = [];
    /** @type {{width: number, height: number, fps: number, kbps: number, lost: number} | null} */
    this.measured = null;
    /** @type {{url: string, key: string} | null} */
    this.key = null;
    this.copied = "";
    this.rotating = false;
    this.muted = false;
    /** @type {MediaStream | null} */
    this.stream = null;
    /** @type {WhipPublisher | null} */
    this.publisher = null;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.meter = undefined;
    this.sent = { bytes: 0, at: 0 };
    this.onpagehide = () => void this.publisher?.end(true);
  }

  connectedCallback() {
    super.connectedCallback();
    addEventListener("pagehide", this.onpagehide);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener("pagehide", this.onpagehide);
    void this.stop();
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    this.dataset.air = this.air;
    // Whoever rehearses must not be seen.
    if (changed.has("rehearsing") && this.rehearsing && this.air !== "off") void this.offAir();
    if (changed.has("event") && changed.get("event")) void this.stop();
  }

  render() {
    const arriving = ingestState(this.ingest);
    return html`
      <div class="frame ${this.air === "off" && this.ingest?.height > this.ingest?.width ? "upright" : ""}">
        <video muted playsinline aria-label=${t("host.preview")} ?hidden=${this.air === "off"}></video>
        ${this.air === "off" ? this.#program(arriving) : nothing}
        <p class="badge" data-air=${this.air}>${this.air === "off" ? t(`host.arriving.${arriving}`) : t(`host.air.${this.air}`)}</p>
      </div>
      ${arriving === "away" ? nothing : html`<p class="soft small tabular">${this.#arriving()}</p>`}
      <div class="ways" role="group" aria-label=${t("host.way")}>
        ${["camera", "encoder"].map(
          (way) => html`<button aria-pressed=${this.way === way} @click=${() => this.#choose(way)}>${t(`host.way.${way}`)}</button>`,
        )}
      </div>
      ${this.way === "camera" ? cameraOf(this) : encoderOf(this)}
      <p class="problem" role="alert">${this.problem ? t(`host.problem.${this.problem}`) : nothing}</p>
    `;
  }

  /** What viewers see. @param {string} arriving */
  #program(arriving) {
    if (arriving === "away" || !this.playlist) return nothing;
    return html`<ls-player src=${this.playlist} muted fit="contain"></ls-player>`;
  }

  /** What the server says of the picture that arrives. */
  #arriving() {
    const { width, height, fps, kbps, loss } = this.ingest;
    const words = t("host.ingest.measured", { size: `${width}×${height}`, fps: Math.round(fps), kbps: Math.round(kbps), lost: loss });
    return this.ingest.disk ? `${words} ${t("host.ingest.disk")}` : words;
  }

  /** @param {string} way */
  #choose(way) {
    this.problem = "";
    this.way = way === "encoder" ? "encoder" : "camera";
  }

  /** Opens the camera for the host's own eyes. */
  async preview() {
    this.problem = "";
    if (!navigator.mediaDevices) return void (this.problem = "insecure");
    try {
      this.stream = await navigator.mediaDevices.getUserMedia(wanted());
    } catch {
      return void (this.problem = "camera");
    }
    this.air = "preview";
    this.muted = false;
    await this.updateComplete;
    this.#show(this.stream);
    const devices = await navigator.mediaDevices.enumerateDevices();
    this.cameras = devices.filter((one) => one.kind === "videoinput");
    this.microphones = devices.filter((one) => one.kind === "audioinput");
  }

  /** Another device, also while the show runs. @param {"camera" | "microphone"} kind @param {string} device */
  async change(kind, device) {
    const old = this.stream;
    if (!old) return;
    const wants = kind === "camera" ? { video: wanted(device).video } : { audio: wanted(undefined, device).audio };
    try {
      const [track] = (await navigator.mediaDevices.getUserMedia(wants)).getTracks();
      if (!track) return;
      for (const gone of old.getTracks().filter((one) => one.kind === track.kind)) {
        gone.stop();
        old.removeTrack(gone);
      }
      old.addTrack(track);
      track.enabled = track.kind === "video" || !this.muted;
      await this.publisher?.replace(track);
      this.#show(old);
      this.requestUpdate();
    } catch {
      this.problem = "camera";
    }
  }

  /** Publishes what the preview shows. */
  async goLive() {
    if (!this.stream) return;
    this.problem = "";
    this.air = "connecting";
    const publisher = new WhipPublisher(new URL(`/whip/${encodeURIComponent(this.event)}`, location.href).href, {
      onstate: (state) => this.#told(publisher, state),
    });
    this.publisher = publisher;
    try {
      await publisher.publish(this.stream);
      this.meter = setInterval(() => void this.#measure(), MEASURE_MS);
    } catch (error) {
      if (publisher !== this.publisher) return;
      this.publisher = null;
      this.air = "preview";
      this.problem = error instanceof WhipError ? (REFUSALS[error.status] ?? "refused") : "refused";
    }
  }

  /** @param {WhipPublisher} publisher @param {import("../models/whip.js").WhipState} state */
  #told(publisher, state) {
    if (publisher !== this.publisher) return;
    if (state === "live") this.air = "live";
    if (state !== "lost" || this.air === "lost") return;
    this.air = "lost";
    setTimeout(() => void this.#again(publisher), AGAIN_MS);
  }

  /** The connection broke and did not heal by itself: a new publication. @param {WhipPublisher} publisher */
  async #again(publisher) {
    if (publisher !== this.publisher || this.air !== "lost") return;
    this.publisher = null;
    await publisher.end();
    clearInterval(this.meter);
    await this.goLive();
    if (this.problem) setTimeout(() => void (this.air === "preview" && this.problem && this.goLive()), AGAIN_MS);
  }

  async #measure() {
    const now = (await this.publisher?.measured()) ?? null;
    if (now === null) return;
    const seconds = (now.at - this.sent.at) / 1000;
    const kbps = seconds > 0 && this.sent.at > 0 ? Math.round(((now.bytes - this.sent.bytes) * 8) / seconds / 1000) : 0;
    this.sent = { bytes: now.bytes, at: now.at };
    this.measured = { width: now.width, height: now.height, fps: now.fps, kbps, lost: now.lost };
  }

  /** Silences or opens the microphone. */
  mute() {
    this.muted = !this.muted;
    for (const track of this.stream?.getAudioTracks() ?? []) track.enabled = !this.muted;
  }

  /** Ends the publication; the preview goes on. */
  async offAir() {
    clearInterval(this.meter);
    this.measured = null;
    this.sent = { bytes: 0, at: 0 };
    const publisher = this.publisher;
    this.publisher = null;
    if (this.air !== "off") this.air = "preview";
    await publisher?.end();
  }

  /** Ends everything and lets go of the camera. */
  async stop() {
    await this.offAir();
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.air = "off";
  }

  /** @param {MediaStream} stream */
  #show(stream) {
    const video = this.renderRoot.querySelector("video");
    if (!video) return;
    video.srcObject = stream;
    void video.play();
  }
}

customElements.define("ls-air", OnAir);
