/** What lies over the running mirror: to the next garment, flip, photograph, picture, close. */

import { html, nothing } from "lit";

import { t, texts } from "../page.js";

/** States in which there is a picture to work with. */
const RUNNING = ["ok", "waiting", "no-person", "step-back", "turn-around", "connecting", "reconnecting"];

/** @param {import("./fitting.js").FittingRoom} room */
export function controlsOf(room) {
  const on = RUNNING.includes(room.mirrorState);
  return html`
    <div class="over" ?hidden=${!on}>
      <button class="round turn before" aria-label=${t("fitting.previous")} @click=${() => room.turn(-1)}>
        <ls-icon name="chevron-left"></ls-icon>
      </button>
      <button class="round turn after" aria-label=${t("fitting.next")} @click=${() => room.turn(1)}>
        <ls-icon name="chevron-right"></ls-icon>
      </button>
      <div class="controls">
        <button
          class="round"
          aria-label=${t("fitting.flip")}
          aria-pressed=${room.flipped}
          @click=${() => (room.flipped = !room.flipped)}
        >
          <ls-icon name="flip-vertical-2"></ls-icon>
        </button>
        <button class="round" aria-label=${t("fitting.photo")} @click=${() => room.mirror.choosePhoto()}>
          <ls-icon name="image"></ls-icon>
        </button>
        <button
          class="round shutter"
          aria-label=${t("fitting.shutter")}
          ?disabled=${room.mirrorState !== "ok" || room.count > 0}
          @click=${() => room.countdown()}
        ></button>
        <span></span>
        <button class="round" aria-label=${t("fitting.stop")} @click=${() => room.mirror.stop()}>
          <ls-icon name="x"></ls-icon>
        </button>
      </div>
    </div>
    ${room.count > 0 ? html`<p class="count" aria-hidden="true">${texts.number(room.count)}</p>` : nothing}
  `;
}
