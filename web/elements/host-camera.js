/** Going live from this browser's camera: preview, devices, the button, and what is measured. */

import { html, nothing } from "lit";

import { t } from "../page.js";

/** @param {import("./host-air.js").OnAir} air */
export function cameraOf(air) {
  if (air.air === "off") {
    return html`<button class="wide" @click=${() => air.preview()}>
      <ls-icon name="camera"></ls-icon>${t("host.preview.start")}
    </button>`;
  }
  return html`
    ${devicesOf(air, "camera", air.cameras)} ${devicesOf(air, "microphone", air.microphones)}
    <div class="acts">
      ${air.air === "preview"
        ? html`<button class="primary" ?disabled=${air.rehearsing} @click=${() => air.goLive()}>
            <ls-icon name="radio"></ls-icon>${t("host.live.start")}
          </button>`
        : html`<button class="stop" @click=${() => air.offAir()}>${t("host.live.stop")}</button>`}
      <button aria-pressed=${air.muted} @click=${() => air.mute()}>
        <ls-icon name=${air.muted ? "mic-off" : "mic"}></ls-icon>${t(air.muted ? "host.mic.off" : "host.mic.on")}
      </button>
      ${air.air === "preview" ? html`<button class="bare" @click=${() => air.stop()}>${t("host.preview.stop")}</button>` : nothing}
    </div>
    <p class="soft small tabular">${wordsOf(air)}</p>
  `;
}

/** @param {import("./host-air.js").OnAir} air */
function wordsOf(air) {
  if (air.rehearsing) return t("host.live.rehearsal");
  if (air.measured === null) return t("host.live.before");
  const { width, height, fps, kbps, lost } = air.measured;
  return t("host.live.measured", { size: `${width}×${height}`, fps, kbps, lost: Math.round(lost * 100) });
}

/**
 * @param {import("./host-air.js").OnAir} air
 * @param {"camera" | "microphone"} kind
 * @param {MediaDeviceInfo[]} devices
 */
function devicesOf(air, kind, devices) {
  if (devices.length < 2) return nothing;
  const track = kind === "camera" ? air.stream?.getVideoTracks()[0] : air.stream?.getAudioTracks()[0];
  const used = track?.getSettings().deviceId;
  return html`<div class="field">
    <label for=${kind}>${t(`host.${kind}`)}</label>
    <select
      id=${kind}
      @change=${(/** @type {Event} */ event) => air.change(kind, /** @type {HTMLSelectElement} */ (event.target).value)}
    >
      ${devices.map((one, n) => html`<option value=${one.deviceId} ?selected=${one.deviceId === used}>${one.label || n + 1}</option>`)}
    </select>
  </div>`;
}

/** What to ask the browser for: 720p30, the chosen devices. @param {string} [camera] @param {string} [microphone] */
export function wanted(camera, microphone) {
  const video = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
  return {
    video: { ...video, ...(camera ? { deviceId: { exact: camera } } : {}) },
    audio: microphone ? { deviceId: { exact: microphone } } : true,
  };
}
