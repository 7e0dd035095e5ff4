/**
 * What the mirror says in each state: a card that covers the picture, or a hint below the person. Every problem names
 * its mend and offers the photograph.
 */

import { html, nothing } from "lit";

import { t } from "../page.js";

/** @typedef {import("./mirror.js").LaufstegMirror} Mirror */

/** States of the running mirror that cover the picture, with the label of their action; null: one can only wait. */
const CARDS = /** @type {Record<string, string | null>} */ ({
  busy: null,
  unavailable: "fitting.again",
  replaced: "fitting.use-here",
  refused: "fitting.again",
});

/** States in which the person is guided or asked for patience while the picture goes on. */
const HINTS = ["connecting", "waiting", "no-person", "step-back", "turn-around", "reconnecting"];

/**
 * The covering card; null while the picture is to be seen.
 * @param {Mirror} mirror
 */
export function cardOf(mirror) {
  if (mirror.problem !== null) return problemCard(mirror, mirror.problem);
  if (mirror.phase === "consent") return consentCard(mirror);
  if (mirror.phase === "asking") return card(t("fitting.asking.title"), t("fitting.asking.text"), nothing);
  if (mirror.phase === "paused") return card(t("fitting.paused.title"), t("fitting.paused.text"), nothing);
  const label = CARDS[mirror.state];
  if (label === undefined) return null;
  const again = label === null ? nothing : html`<button class="primary" @click=${() => mirror.retry()}>${t(label)}</button>`;
  return card(t(`fitting.${mirror.state}.title`), stateText(mirror), again);
}

/**
 * The hint over the running picture.
 * @param {Mirror} mirror
 */
export function hintOf(mirror) {
  if (!HINTS.includes(mirror.state)) return nothing;
  const guide = mirror.state === "no-person" || mirror.state === "step-back";
  return html`${guide ? silhouette : nothing}
    <p class="hint ${guide ? "" : "busy"}" aria-hidden="true">${t(`fitting.${mirror.state}.title`)}</p>`;
}

/**
 * One sentence for who does not see the picture; said when it changes.
 * @param {Mirror} mirror
 */
export function sentenceOf(mirror) {
  if (mirror.problem !== null) return t(`fitting.problem.${mirror.problem}.title`);
  if (mirror.phase !== "running") return "";
  if (mirror.state === "busy") return stateText(mirror);
  if (mirror.state === "ok") return t("fitting.ok");
  return mirror.state === "idle" ? "" : t(`fitting.${mirror.state}.title`);
}

/** @param {Mirror} mirror */
function consentCard(mirror) {
  return card(
    t("fitting.consent.title"),
    t("fitting.consent.text"),
    html`<button class="primary" @click=${() => mirror.start()}>${t("fitting.start")}</button>${photoButton(mirror)}`,
  );
}

/** @param {Mirror} mirror @param {string} problem */
function problemCard(mirror, problem) {
  const again =
    problem === "insecure"
      ? nothing
      : html`<button class="secondary" @click=${() => mirror.start()}>${t("fitting.again")}</button>`;
  return card(
    t(`fitting.problem.${problem}.title`),
    t(`fitting.problem.${problem}.text`),
    html`<button class="primary" @click=${() => mirror.choosePhoto()}>${t("fitting.photo")}</button>${again}`,
  );
}

/** @param {Mirror} mirror */
function photoButton(mirror) {
  return html`<button class="secondary" @click=${() => mirror.choosePhoto()}>${t("fitting.photo")}</button>`;
}

/** @param {Mirror} mirror */
function stateText(mirror) {
  if (mirror.state !== "busy") return t(`fitting.${mirror.state}.text`);
  if (mirror.position === null) return t("fitting.busy.text");
  return t("fitting.busy.position", { position: mirror.position });
}

/**
 * @param {string} title
 * @param {string} text
 * @param {unknown} actions
 */
function card(title, text, actions) {
  return html`<div class="card">
    <h2>${title}</h2>
    <p>${text}</p>
    <div class="actions">${actions}</div>
  </div>`;
}

/** Where to stand: head and shoulders, as a tailor would chalk them. */
const silhouette = html`<svg class="silhouette" viewBox="0 0 200 240" aria-hidden="true">
  <path
    d="M100 22c20 0 33 15 33 37 0 16-7 30-16 38v14c0 7 4 10 13 13l28 9c15 5 22 15 23 31l5 76M100 22c-20 0-33 15-33 37 0 16 7 30 16 38v14c0 7-4 10-13 13l-28 9c-15 5-22 15-23 31l-5 76"
  />
</svg>`;
