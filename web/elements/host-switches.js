/** The desk's switches: rehearsal, autopilot, and whether keys act (WCAG 2.1.4: single keys can be switched off). */

import { html } from "lit";

import { t } from "../page.js";

const KEYS = "laufsteg.host.keys";

/**
 * @param {import("./host-desk.js").Desk} page
 * @param {import("../models/host-desk.js").HostDesk} desk
 */
export function switchesOf(page, desk) {
  return html`<div class="switches">
    ${switchOf("rehearsal", desk.rehearsing, (on) => desk.rehearse(on))}
    ${switchOf("autopilot", desk.autopilot, (on) => void desk.setAutopilot(on), desk.rehearsing)}
    ${switchOf("keys", page.keys, (on) => {
      page.keys = on;
      keep(on ? "on" : "off");
    })}
  </div>`;
}

/**
 * @param {string} name
 * @param {boolean} on
 * @param {(on: boolean) => void} set
 */
function switchOf(name, on, set, disabled = false) {
  return html`<button
    class="switch"
    role="switch"
    aria-checked=${on}
    aria-describedby=${`${name}-text`}
    ?disabled=${disabled}
    @click=${() => set(!on)}
  >
    <span class="track" aria-hidden="true"></span>
    <span class="label">${t(`host.${name}`)}<small id=${`${name}-text`}>${t(`host.${name}.text`)}</small></span>
  </button>`;
}

/** Whether keys act; they do unless they were switched off in this browser. */
export function keysKept() {
  try {
    return localStorage.getItem(KEYS) !== "off";
  } catch {
    return true; // storage is forbidden: the default holds
  }
}

/** @param {string} value */
function keep(value) {
  try {
    localStorage.setItem(KEYS, value);
  } catch {
    // Storage is forbidden: the choice holds as long as the page.
  }
}
