/** What to paste into OBS or any other WHIP encoder: address and key, each with a button that copies it. */

import { html, nothing } from "lit";

import { t } from "../page.js";
import { api } from "../shop.js";

/** How long "copied" stays. */
const COPIED_MS = 2000;

/** @param {import("./host-air.js").OnAir} air */
export function encoderOf(air) {
  if (air.key === null) {
    return html`<button class="wide" @click=${() => load(air, false)}>${t("host.encoder.show")}</button>`;
  }
  return html`
    ${line(air, "url", air.key.url)} ${line(air, "key", air.key.key)}
    <p class="soft small">${t("host.encoder.text")}</p>
    ${air.rotating
      ? html`<div class="acts">
          <button @click=${() => load(air, true)}>${t("host.encoder.rotate.yes")}</button>
          <button class="bare" @click=${() => (air.rotating = false)}>${t("host.encoder.rotate.no")}</button>
        </div>`
      : html`<button class="bare" @click=${() => (air.rotating = true)}>
          <ls-icon name="rotate-ccw"></ls-icon>${t("host.encoder.rotate")}
        </button>`}
  `;
}

/** @param {import("./host-air.js").OnAir} air @param {"url" | "key"} name @param {string} value */
function line(air, name, value) {
  return html`<div class="field paste">
    <label for=${name}>${t(`host.encoder.${name}`)}</label>
    <input id=${name} readonly .value=${value} type=${name === "key" ? "password" : "text"} autocomplete="off" />
    <button class="round" aria-label=${t(`host.encoder.copy.${name}`)} @click=${() => copy(air, name, value)}>
      <ls-icon name=${air.copied === name ? "check" : "copy"}></ls-icon>
    </button>
    ${air.copied === name ? html`<span class="hidden-but-read" role="status">${t("host.encoder.copied")}</span>` : nothing}
  </div>`;
}

/** @param {import("./host-air.js").OnAir} air @param {string} name @param {string} value */
async function copy(air, name, value) {
  try {
    await navigator.clipboard.writeText(value);
  } catch {
    // No clipboard on an insecure address: the text is selected, so that the keyboard can copy it.
    const input = air.renderRoot.querySelector(`#${name}`);
    if (input instanceof HTMLInputElement) {
      input.type = "text";
      input.select();
    }
    return;
  }
  air.copied = name;
  setTimeout(() => (air.copied = ""), COPIED_MS);
}

/** @param {import("./host-air.js").OnAir} air @param {boolean} rotate */
async function load(air, rotate) {
  const path = `/api/events/${encodeURIComponent(air.event)}/stream-key`;
  air.rotating = false;
  try {
    air.key = rotate ? await api.post(path, {}) : await api.get(path);
    air.problem = "";
  } catch {
    air.problem = "offline";
  }
}
