/** The desk's head: which event, where the show is, its numbers, and the step that it can take. */

import { html, nothing } from "lit";

import { span } from "../models/texts.js";
import { t } from "../page.js";
import { figuresOf } from "./host-figures.js";

/**
 * @param {import("./host-desk.js").Desk} page
 * @param {import("../models/host-desk.js").HostDesk} desk
 * @param {import("../models/live.js").Live} live
 */
export function topOf(page, desk, live) {
  const state = desk.rehearsing ? "rehearsal" : live.state;
  const since = live.since !== null && ["live", "pause"].includes(live.state) ? page.media.now() - live.since : null;
  return html`<header class="top">
    <div class="who">
      ${page.events.length > 1
        ? html`<select
            aria-label=${t("host.event")}
            @change=${(/** @type {Event} */ event) => page.tell("desk-event", /** @type {HTMLSelectElement} */ (event.target).value)}
          >
            ${page.events.map((one) => html`<option value=${one.id} ?selected=${one.id === page.event}>${one.title}</option>`)}
          </select>`
        : html`<h1>${page.events[0]?.title ?? page.event}</h1>`}
      <p class="state" data-state=${state}>
        <span class="lamp" aria-hidden="true"></span>${t(`host.state.${state}`)}
        ${since !== null && !desk.rehearsing ? html`<span class="tabular">${span(since)}</span>` : nothing}
      </p>
      ${live.status === "offline" ? html`<p class="state" data-state="pause">${t("host.offline")}</p>` : nothing}
    </div>
    ${page.rank === "moderator" ? nothing : figuresOf(page.numbers, live.viewers)}
    <div class="acts">
      ${page.rank === "moderator" ? nothing : moveOf(page, desk, live.state)}
      <button class="bare" @click=${() => page.tell("desk-leave", null)}>
        <ls-icon name="log-out"></ls-icon><span class="hidden-but-read">${t("host.signout", { name: page.name })}</span>
      </button>
    </div>
  </header>`;
}

/**
 * The one step that the show can take now.
 * @param {import("./host-desk.js").Desk} page
 * @param {import("../models/host-desk.js").HostDesk} desk
 * @param {string} state
 */
function moveOf(page, desk, state) {
  if (desk.rehearsing) return nothing;
  if (state === "before") return html`<button class="primary" @click=${() => void desk.move("live")}>${t("host.begin")}</button>`;
  if (state === "after")
    return html`<button @click=${() => void desk.move("live")}>${t("host.resume")}</button>
      <button @click=${() => void desk.move("before")}>${t("host.reset")}</button>`;
  return html`<button class="ending" @click=${() => page.dialog.showModal()}>${t("host.end")}</button>`;
}

/** The question before the show ends for everybody. @param {import("./host-desk.js").Desk} page */
export function endingOf(page) {
  return html`<dialog aria-labelledby="ending">
    <h2 id="ending">${t("host.end.title")}</h2>
    <p>${t("host.end.text")}</p>
    <div class="acts">
      <button autofocus @click=${() => page.dialog.close()}>${t("host.end.no")}</button>
      <button
        class="primary"
        @click=${() => {
          page.dialog.close();
          void page.desk?.move("after");
        }}
      >
        ${t("host.end.yes")}
      </button>
    </div>
  </dialog>`;
}
