/**
 * `<ls-player>`: the live picture and its clock. Sets `media` (media time of the picture on the screen, epoch ms or null) and says "frame"
 * whenever it may have changed: on every frame through requestVideoFrameCallback, and on pause, seek and return to the
 * tab, where that callback is silent. Without the callback the play head is read on every animation frame, at most one
 * picture late. Says "state" when `state` changes.
 */
import Hls from "hls.js";
import { LitElement, css, html } from "lit";
import { mediaTime, nativeMediaTime } from "../models/player-clock.js";
import { t } from "../page.js";

// Three parts behind the edge; faster only so far that voices stay natural.
const LIVE = {
  lowLatencyMode: true,
  liveSyncDuration: 1.0,
  maxLiveSyncPlaybackRate: 1.3,
  liveDurationInfinity: true,
  backBufferLength: 60,
  maxBufferLength: 12,
  enableWorker: false,
};
/** A playlist that is not there yet, or a server that is restarting, is asked again after this. */
const RETRY_MS = 1500;
/** Further behind than this, "back to live" is offered. */
const BEHIND_S = 5;

/** Nothing helps against a missing decoder. */
const UNPLAYABLE = /** @type {string[]} */ ([Hls.ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR, Hls.ErrorDetails.BUFFER_ADD_CODEC_ERROR]);

/** @typedef {"idle" | "loading" | "playing" | "stalled" | "paused" | "blocked" | "unsupported"} State */
/** @typedef {HTMLVideoElement & {getStartDate?: () => Date}} Video */

export class Player extends LitElement {
  static properties = { src: { type: String }, muted: { type: Boolean }, fit: { type: String, reflect: true } };

  static styles = css`
    :host {
      display: block;
      background: var(--paper-sunken);
    }
    video {
      display: block;
      inline-size: 100%;
      block-size: 100%;
      object-fit: cover;
      object-position: 50% 30%;
    }
    :host([fit="contain"]) video {
      object-fit: contain;
      object-position: 100% 50%;
    }
  `;

  /** @type {number | null} */
  media = null;
  /** @type {State} */
  state = "idle";
  /** @type {Hls | null} */
  #hls = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;
  /** A shopper's pause is respected; everything else resumes by itself. */
  #wanted = true;
  #seen = () => document.visibilityState === "visible" && this.#evaluate();

  constructor() {
    super();
    this.src = "";
    this.muted = true;
    /** @type {"cover" | "contain"} */
    this.fit = "cover";
  }

  render() {
    return html`<video
      playsinline
      disablepictureinpicture
      .muted=${this.muted}
      aria-label=${t("watch.player")}
      @playing=${() => this.#set("playing")}
      @waiting=${() => this.#set("stalled")}
      @pause=${this.#paused}
      @seeking=${this.#evaluate}
      @seeked=${this.#evaluate}
      @resize=${() => this.dispatchEvent(new Event("resize"))}
      @loadedmetadata=${() => this.dispatchEvent(new Event("resize"))}
    ></video>`;
  }

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener("visibilitychange", this.#seen);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener("visibilitychange", this.#seen);
    this.#stop();
  }

  /** @param {import("lit").PropertyValues} changed */
  updated(changed) {
    if (changed.has("src")) this.#load();
  }

  /** @returns {Video} */
  get video() {
    return /** @type {Video} */ (this.renderRoot.querySelector("video"));
  }

  /** Whether the picture is so far behind that the way back is offered. */
  get behind() {
    return this.#hls ? (this.#hls.latency || 0) > BEHIND_S : false;
  }

  async play() {
    this.#wanted = true;
    try {
      await this.video.play();
    } catch {
      // The browser waits for a tap; an autoplay that lost its source says the same and is tried again with the next.
      if (this.video.paused && this.#wanted) this.#set("blocked");
    }
  }

  pause() {
    this.#wanted = false;
    this.video.pause();
  }

  /** A look back (or, with a minus, ahead), as far as the picture is kept. @param {number} seconds */
  again(seconds) {
    const { video } = this;
    const { seekable } = video;
    if (!seekable.length) return;
    const [first, last] = [seekable.start(0), seekable.end(seekable.length - 1)];
    video.currentTime = Math.max(first, Math.min(last, video.currentTime - seconds));
  }

  toLive() {
    const edge = this.#hls?.liveSyncPosition;
    if (edge) this.video.currentTime = edge;
    return this.play();
  }

  #load() {
    this.#stop();
    if (!this.src) return;
    this.#set("loading");
    if (Hls.isSupported()) this.#attach();
    else if (this.video.canPlayType("application/vnd.apple.mpegurl")) this.video.src = this.src;
    else return this.#set("unsupported");
    this.#listen();
    this.play();
  }

  #attach() {
    const hls = new Hls(LIVE);
    this.#hls = hls;
    hls.on(Hls.Events.ERROR, (_, error) => {
      if (!error.fatal) return;
      if (UNPLAYABLE.includes(error.details)) this.#set("unsupported");
      else if (error.type === Hls.ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
      else this.#again(hls);
    });
    hls.on(Hls.Events.MANIFEST_PARSED, () => this.#wanted && this.play());
    hls.loadSource(this.src);
    hls.attachMedia(this.video);
  }

  /** Begins anew once the playlist is there: until then the last picture stays. @param {Hls} hls */
  #again(hls) {
    this.#set("stalled");
    clearTimeout(this.#retry);
    this.#retry = setTimeout(async () => {
      const there = await fetch(this.src, { cache: "no-store" }).then((answer) => answer.ok, () => false);
      if (hls !== this.#hls) return;
      if (there) this.#load();
      else this.#again(hls);
    }, RETRY_MS * (0.5 + Math.random()));
  }

  #listen() {
    const video = this.video;
    const source = this.src;
    const again = () => {
      if (!this.isConnected || this.src !== source || video !== this.video) return;
      if ("requestVideoFrameCallback" in video) {
        video.requestVideoFrameCallback((_, { mediaTime: frame }) => {
          this.#evaluate(frame);
          again();
        });
      } else {
        requestAnimationFrame(() => {
          this.#evaluate();
          again();
        });
      }
    };
    if (this.#listening !== source) again();
    this.#listening = source;
  }

  #listening = "";

  /** @param {number | Event} [frame] the frame's time in the stream, seconds; everything else means the play head's */
  #evaluate = (frame) => {
    const video = this.video;
    const at = typeof frame === "number" ? frame : video.currentTime;
    this.media = this.#hls
      ? mediaTime(this.#hls.playingDate, video.currentTime, at)
      : nativeMediaTime(video.getStartDate?.(), at);
    this.dispatchEvent(new Event("frame"));
  };

  #paused = () => {
    this.#evaluate();
    if (!this.#wanted) this.#set("paused");
  };

  #stop() {
    clearTimeout(this.#retry);
    this.#hls?.destroy();
    this.#hls = null;
  }

  /** @param {State} state */
  #set(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}

customElements.define("ls-player", Player);
