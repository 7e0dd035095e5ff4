/** What lies on the picture of the running show: its heading, its controls, and the veil of its states. */
import { html, nothing } from "lit";
import { t, texts } from "../page.js";
import { cart, clock, holds } from "../shop.js";
import "./chat.js";
import "./icon.js";

/** @typedef {import("./watch.js").Watch} Watch */

/** On a desk, things stand beside the picture instead of on it. */
export const WIDE = matchMedia("(min-width: 60rem)");
/** One look back, in seconds. */
export const STEP_S = 10;
const REACTIONS = /** @type {const} */ ([["heart", "heart"], ["applause", "hand"], ["fire", "flame"], ["wow", "sparkles"]]);

/** The shop's name, the show's title and how many watch. @param {Watch} watch @param {string} state */
export function heading(watch, state) {
  return html`<header>
    <a class="mark" href="/">${t("site.name")}</a>
    <p class="facts">
      ${state === "live" ? html`<span class="live caps">${t("watch.live")}</span>` : nothing}
      ${watch.show.live?.viewers ? html`<span class="tabular">${t("watch.viewers", { count: watch.show.live.viewers })}</span>` : nothing}
    </p>
    ${WIDE.matches ? nothing : bag(watch)}
    <h1>${watch.show.title || "\u00a0"}</h1>
  </header>`;
}

/** @param {Watch} watch */
export function bag(watch) {
  const count = cart.count + holds.running(clock.now()).length;
  return html`<button class="bag round" data-bag aria-label=${t("cart.open", { count })} @click=${() => watch.open({ name: "bag" })}>
    <ls-icon name="shopping-bag"></ls-icon>${count ? html`<span class="count tabular">${count}</span>` : nothing}
  </button>`;
}

/** The chat, the drops, and the controls of the picture. @param {Watch} watch @param {string} state */
export function controls(watch, state) {
  const { player, show } = watch;
  const paused = player?.state === "paused" || player?.state === "blocked";
  const plays = state !== "before" && state !== "after";
  return html`<div class="low">
    <ls-chat class="desk" .said=${show.live?.said ?? []} .send=${show.say} ?readonly=${state === "before"}></ls-chat>
    <div class="lines" aria-hidden="true">
      ${(show.live?.said ?? []).slice(-2).map((line) => html`<p><b>${line.author}</b>${line.text}</p>`)}
    </div>
    ${WIDE.matches || !plays ? nothing : watch.wanted()}
    <div class="pills">
      ${watch.muted && state === "live"
        ? html`<button class="sound" data-sound @click=${watch.sound}><ls-icon name="volume-x"></ls-icon>${t("watch.sound")}</button>`
        : nothing}
      ${player?.behind && player.media !== null ? html`<button class="sound" data-edge @click=${() => player.toLive()}>${t("watch.edge")}</button>` : nothing}
    </div>
    <div class="bar">
      <button class="looks" @click=${watch.toLooks}>${t("watch.looks")}</button>
      ${plays
        ? html`<button class="round" data-pause aria-label=${t(paused ? "watch.play" : "watch.pause")} @click=${watch.pause}>
              <ls-icon name=${paused ? "play" : "pause"}></ls-icon>
            </button>
            <button class="round desk" data-again aria-label=${t("watch.again")} @click=${() => watch.player?.again(STEP_S)}>
              <ls-icon name="rotate-ccw"></ls-icon>
            </button>`
        : nothing}
      ${watch.muted
        ? nothing
        : html`<button class="round" aria-label=${t("watch.mute")} @click=${watch.sound}><ls-icon name="volume-2"></ls-icon></button>`}
      <button class="round chat" aria-label=${t("chat.title")} @click=${() => watch.open({ name: "chat" })}>
        <ls-icon name="message-circle"></ls-icon>
      </button>
      ${REACTIONS.map(
        ([kind, icon], at) => html`<button
          class="round react ${at ? "desk" : ""}"
          data-react=${kind}
          aria-label=${t(`react.${kind}`)}
          @click=${() => show.live?.react(kind)}
        >
          <ls-icon name=${icon}></ls-icon>
          ${at || !show.tally ? nothing : html`<span class="tally tabular" aria-hidden="true">${texts.number(show.tally)}</span>`}
        </button>`,
      )}
    </div>
  </div>`;
}

/** What lies over the picture while there is none to see. @param {Watch} watch @param {string} state */
export function veil(watch, state) {
  const player = watch.player?.state;
  if (player === "unsupported") return html`<div class="veil"><p class="when">${t("watch.unsupported")}</p></div>`;
  if (state === "live") {
    if (player === "blocked") {
      return html`<div class="veil"><button class="primary" @click=${() => watch.player?.play()}>
        <ls-icon name="play"></ls-icon>${t("watch.play")}</button></div>`;
    }
    if (player !== "loading" && player !== "stalled") return nothing;
    return html`<p class="loading" data-loading role="status">${t("watch.stalled")}</p>`;
  }
  const starts = watch.show.starts_at;
  return html`<div class="veil" data-state=${state}>
    <h2>${t(`watch.${state}.title`)}</h2>
    ${state === "before" && starts ? html`<p class="when">${t("watch.before.at", { when: texts.moment(starts) })}</p>` : nothing}
    <p>${t(`watch.${state}.text`)}</p>
  </div>`;
}
