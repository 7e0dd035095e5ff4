/**
 * Where the mirror's pictures come from: the camera or one photograph. Both give JPEG frames, unmirrored, and nothing
 * leaves them but what is asked for.
 */

import { cameraConstraints, framing } from "../models/mirror-camera.js";

/** A photograph holds still: a few frames after each change calm the server's filters, then one now and then. */
const PHOTO_BURST = 8;
const PHOTO_REST_MS = 2000;

/** A camera that gives no picture for so long is asked all the same: in the dark some give five a second. */
const STILL_MS = 120;

/** Larger photographs are only decoded to this size: the server works on 640x480. */
const PHOTO_EDGE = 1280;

/** @typedef {{width: number, height: number, quality: number}} Level */

/** The camera, seen through a video element that also shows it until the first answer comes. */
export class CameraSource {
  live = true;
  #video;
  /** @type {MediaStream | null} */
  #stream = null;
  #press = new Press();

  /** @param {HTMLVideoElement} video */
  constructor(video) {
    this.#video = video;
  }

  /**
   * Opens the camera. Throws what getUserMedia throws.
   * @param {string | null} device
   * @param {() => void} onlost the camera was unplugged or taken away
   */
  async open(device, onlost) {
    const stream = await navigator.mediaDevices.getUserMedia(cameraConstraints(device));
    this.#stream = stream;
    for (const track of stream.getTracks()) track.addEventListener("ended", onlost);
    this.#video.srcObject = stream;
    await this.#video.play();
  }

  /** The camera in use; null when none is. */
  get device() {
    return this.#stream?.getVideoTracks()[0]?.getSettings().deviceId ?? null;
  }

  get size() {
    return { width: this.#video.videoWidth, height: this.#video.videoHeight };
  }

  ready() {
    return this.#stream !== null && this.#video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
  }

  refresh() {}

  /** @param {Level} level */
  grab(level) {
    return this.#press.jpeg(this.#video, this.size, level);
  }

  /** Calls back when the camera has a new picture; with the display where the browser cannot tell. @param {() => void} next */
  whenFresh(next) {
    let called = false;
    const once = () => {
      if (!called) next();
      called = true;
    };
    if ("requestVideoFrameCallback" in this.#video) this.#video.requestVideoFrameCallback(once);
    else requestAnimationFrame(once);
    // Browsers differ in whether a covered video still calls back.
    setTimeout(once, STILL_MS);
  }

  close() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.#video.srcObject = null;
  }
}

/** One photograph instead of a camera. */
export class PhotoSource {
  live = false;
  device = null;
  #picture;
  #burst = PHOTO_BURST;
  #grabbedAt = -Infinity;
  #press = new Press();

  /** @param {ImageBitmap} picture */
  constructor(picture) {
    this.#picture = picture;
  }

  /** Throws when the file is no picture. @param {Blob} file */
  static async read(file) {
    const whole = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, PHOTO_EDGE / Math.max(whole.width, whole.height));
    const width = Math.max(1, Math.round(whole.width * scale));
    const small = await createImageBitmap(whole, { resizeWidth: width, resizeQuality: "high" });
    whole.close();
    return new PhotoSource(small);
  }

  get size() {
    return { width: this.#picture.width, height: this.#picture.height };
  }

  ready() {
    return this.#burst > 0 || performance.now() - this.#grabbedAt >= PHOTO_REST_MS;
  }

  /** The look changed: answers are wanted quickly again. */
  refresh() {
    this.#burst = PHOTO_BURST;
  }

  /** @param {Level} level */
  grab(level) {
    this.#burst = Math.max(0, this.#burst - 1);
    this.#grabbedAt = performance.now();
    return this.#press.jpeg(this.#picture, this.size, level);
  }

  /** @param {() => void} next */
  whenFresh(next) {
    setTimeout(next, 60);
  }

  close() {
    this.#picture.close();
  }
}

/** Presses pictures into JPEG on one canvas that is kept. */
class Press {
  #canvas = document.createElement("canvas");
  #context = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext("2d", { alpha: false }));

  /**
   * @param {CanvasImageSource} source
   * @param {{width: number, height: number}} size
   * @param {Level} level
   * @returns {Promise<Uint8Array | null>} null when the browser could not encode
   */
  async jpeg(source, size, level) {
    const part = framing(size.width, size.height, level);
    if (this.#canvas.width !== part.outWidth) this.#canvas.width = part.outWidth;
    if (this.#canvas.height !== part.outHeight) this.#canvas.height = part.outHeight;
    this.#context.drawImage(source, part.x, part.y, part.width, part.height, 0, 0, part.outWidth, part.outHeight);
    /** @type {Blob | null} */
    const blob = await new Promise((done) => this.#canvas.toBlob(done, "image/jpeg", level.quality));
    return blob === null ? null : new Uint8Array(await blob.arrayBuffer());
  }
}
