/**
 * <laufsteg-mirror>: the shopper's webcam picture with garments on it, beside the stream and in the fitting room. Its
 * camera runs only after the shopper's tap and only while the page is seen. Attributes `data-state`, `data-fps`,
 * `data-latency` (mean), `data-slowest` (95th percentile), `data-size` and `data-shown` tell how it does. Announces
 * `mirror-state` and, when a height is known, `mirror-advice` {garment id: advice}.
 */

import { LitElement, html } from "lit";

import { cameraProblem, cameraReachable } from "../models/mirror-camera.js";
import { t } from "../page.js";
import { MirrorLink } from "./mirror-link.js";
import { CameraSource, PhotoSource } from "./mirror-source.js";
import { mirrorStyle } from "./mirror-style.js";
import { cardOf, hintOf, sentenceOf } from "./mirror-view.js";

/** Figures are shown to monitors and tests, once a second is plenty. */
const FIGURES_MS = 500;

/**
 * @typedef {"consent" | "asking" | "running" | "paused"} Phase
 * @typedef {import("../models/mirror-camera.js").CameraProblem | "bad-photo"} Problem
 */

export class LaufstegMirror extends LitElement {
  static styles = mirrorStyle;

  static properties = {
    garments: { attribute: false },
    sizes: { attribute: false },
    height: { attribute: false },
    wearing: { attribute: false },
    flipped: { type: Boolean },
    compact: { type: Boolean, reflect: true },
    phase: { state: true },
    problem: { state: true },
    state: { state: true },
    position: { state: true },
    seen: { state: true },
    photo: { state: true },
  };

  constructor() {
    super();
    /** Garment ids, inner to outer. @type {readonly string[]} */
    this.garments = [];
    /** Garment id -> the size to draw. @type {Readonly<Record<string, string>>} */
    this.sizes = {};
    /** The shopper's height in centimetres, when they told it: asks for size advice. @type {number | null} */
    this.height = null;
    /** What is worn, in words, for the picture's description. */
    this.wearing = "";
    /** Whether the picture is shown as in a mirror; a photograph is shown as it is. */
    this.flipped = true;
    /** Small, beside the stream. */
    this.compact = false;
    /** @type {Phase} */
    this.phase = "consent";
    /** @type {Problem | null} */
    this.problem = null;
    /** @type {import("../models/mirror-session.js").MirrorState} */
    this.state = "idle";
    /** @type {number | null} */
    this.position = null;
    /** Whether an answer is on the canvas. */
    this.seen = false;
    this.photo = false;
    /** Size advice by garment, as the server last saw it. @type {Readonly<Record<string, import("../models/mirror-protocol.js").SizeAdvice>>} */
    this.advice = {};
    /** @type {MirrorLink | null} */
    this.link = null;
    /** @type {CameraSource | PhotoSource | null} */
    this.source = null;
    /** @type {string | null} */
    this.device = null;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.figures = undefined;
    this.onvisibility = () => void (document.hidden ? this.#pause() : this.#resume());
    this.onpagehide = () => this.stop();
  }

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener("visibilitychange", this.onvisibility);
    addEventListener("pagehide", this.onpagehide);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener("visibilitychange", this.onvisibility);
    removeEventListener("pagehide", this.onpagehide);
    this.stop();
  }

  /** Opens the camera; call it from the shopper's tap. @param {string | null} [device] */
  async start(device = this.device) {
    this.#release();
    this.problem = null;
    this.photo = false;
    this.device = device;
    if (!cameraReachable(globalThis)) return this.#fail("insecure");
    this.phase = "asking";
    await this.updateComplete;
    const camera = new CameraSource(this.#part("video", HTMLVideoElement));
    try {
      await camera.open(device, () => this.#fail("lost"));
    } catch (error) {
      camera.close();
      return this.#fail(cameraProblem(error));
    }
    // The shopper may have closed the mirror, or chosen a photograph, while the browser was asking.
    if (this.phase !== "asking" || !this.isConnected) return camera.close();
    this.#run(camera);
  }

  /** Wears on a photograph instead. @param {Blob} file */
  async usePhoto(file) {
    let photo;
    try {
      photo = await PhotoSource.read(file);
    } catch {
      return this.#fail("bad-photo");
    }
    this.#release();
    this.problem = null;
    this.photo = true;
    this.#run(photo);
  }

  /** Closes camera and connection. */
  stop() {
    this.#release();
    this.phase = "consent";
    this.photo = false;
  }

  /** Another try at once, or the mirror back from another tab. */
  retry() {
    this.link?.retry();
  }

  /** The picture as it is shown, as a JPEG of this browser's own making; null before there is one. @returns {Promise<Blob | null>} */
  snapshot() {
    const canvas = this.#part("canvas", HTMLCanvasElement);
    if (!this.seen) return Promise.resolve(null);
    return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
  }

  /** Asks for a photograph. */
  choosePhoto() {
    this.#part("input", HTMLInputElement).click();
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (changed.has("garments") || changed.has("sizes") || changed.has("height")) this.link?.wish(this.#wish);
    this.dataset.state = this.problem ?? (this.phase === "running" ? this.state : this.phase);
    if (changed.has("phase") || changed.has("state") || changed.has("problem")) {
      this.dispatchEvent(new CustomEvent("mirror-state", { detail: this.dataset.state, bubbles: true, composed: true }));
    }
  }

  render() {
    const card = cardOf(this);
    const flip = this.flipped && !this.photo ? "flip" : "";
    return html`
      <div class="stage">
        <video class=${flip} muted playsinline aria-hidden="true" tabindex="-1"></video>
        <canvas class=${this.seen ? "" : "hidden"} role="img" aria-label=${this.wearing || t("fitting.mirror-picture")}></canvas>
        ${card ? html`<div class="veil">${card}</div>` : hintOf(this)}
        <slot></slot>
      </div>
      <p class="told" role="status">${sentenceOf(this)}</p>
      <input type="file" accept="image/*" hidden aria-hidden="true" tabindex="-1" @change=${this.#picked} />
    `;
  }

  /** @param {Event} event */
  #picked(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const file = input.files?.[0];
    input.value = "";
    if (file) void this.usePhoto(file);
  }

  /** @param {CameraSource | PhotoSource} source */
  #run(source) {
    this.source = source;
    this.phase = "running";
    const link = new MirrorLink(source, {
      onpicture: (picture) => this.#draw(picture),
      onchange: () => this.#changed(link),
    });
    this.link = link;
    link.wish(this.#wish);
    link.start();
    this.figures = setInterval(() => this.#measure(), FIGURES_MS);
  }

  get #wish() {
    return { garments: this.garments, sizes: this.sizes, height: this.height };
  }

  /** @param {MirrorLink} link */
  #changed(link) {
    if (link !== this.link) return;
    if (this.advice !== link.session.advice) {
      this.advice = link.session.advice;
      this.dispatchEvent(new CustomEvent("mirror-advice", { detail: this.advice }));
    }
    this.state = link.session.state;
    this.position = link.session.position;
    // Frames of the past would be taken for a mirror that hangs: the bare camera picture is shown meanwhile.
    if (["busy", "reconnecting", "unavailable", "replaced", "refused"].includes(this.state)) this.seen = false;
  }

  /** @param {ImageBitmap} picture */
  #draw(picture) {
    const canvas = this.#part("canvas", HTMLCanvasElement);
    if (canvas.width !== picture.width) canvas.width = picture.width;
    if (canvas.height !== picture.height) canvas.height = picture.height;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
    if (this.flipped && !this.photo) context.setTransform(-1, 0, 0, 1, canvas.width, 0);
    else context.resetTransform();
    context.drawImage(picture, 0, 0);
    this.seen = true;
  }

  #measure() {
    const session = this.link?.session;
    if (!session || !this.link) return;
    this.dataset.fps = session.pace.rate(performance.now()).toFixed(1);
    this.dataset.slowest = String(Math.round(session.pace.slowest(performance.now()) ?? 0));
    this.dataset.latency = String(session.pace.latency ?? "");
    this.dataset.shown = String(this.link.shown);
    this.dataset.size = `${session.pace.level.width}x${session.pace.level.height}`;
  }

  /** @param {Problem} problem */
  #fail(problem) {
    this.#release();
    this.phase = "consent";
    this.problem = problem;
  }

  /** The page is not seen: nobody needs the camera. */
  #pause() {
    if (this.phase !== "running" || this.photo) return;
    this.#release();
    this.phase = "paused";
  }

  #resume() {
    if (this.phase === "paused") void this.start();
  }

  #release() {
    clearInterval(this.figures);
    this.link?.stop();
    this.link = null;
    this.source?.close();
    this.source = null;
    this.seen = false;
    this.state = "idle";
    this.position = null;
  }

  /**
   * @template {Element} T
   * @param {string} selector
   * @param {new () => T} type
   * @returns {T}
   */
  #part(selector, type) {
    const found = this.renderRoot.querySelector(selector);
    if (!(found instanceof type)) throw new Error(`The mirror has no ${selector}.`);
    return found;
  }
}

customElements.define("laufsteg-mirror", LaufstegMirror);
