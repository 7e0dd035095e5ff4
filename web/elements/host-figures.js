/** The live numbers above the desk. What is not known yet is a dash, and never jumps the layout. */

import { html } from "lit";

import { t, texts } from "../page.js";

/**
 * @param {any} numbers as the host API tells them; null before the first answer
 * @param {number} viewers
 */
export function figuresOf(numbers, viewers) {
  const ingest = numbers?.ingest ?? null;
  return html`<dl class="figures">
    ${figure("viewers", texts.number(numbers?.viewers ?? viewers))}
    ${figure("orders", numbers ? texts.number(numbers.orders_per_minute ?? 0) : "–")}
    ${figure("revenue", money(numbers?.revenue))}
    ${figure("behind", ingest?.behind_ms == null ? "–" : t("host.seconds", { seconds: texts.tenths(ingest.behind_ms / 1000) }))}
    ${figure("dropped", numbers ? texts.number(numbers.dropped_connections ?? 0) : "–")}
    ${figure("ingest", ingest ? t(`host.ingest.${ingestState(ingest)}`) : "–", ingest ? ingestState(ingest) : "")}
  </dl>`;
}

/** @param {any} ingest @returns {"live" | "film" | "away"} */
export function ingestState(ingest) {
  if (!ingest?.live) return "away";
  return ingest.source === "film" ? "film" : "live";
}

/** @param {any} revenue one amount, or a list with one for each currency */
function money(revenue) {
  const amounts = Array.isArray(revenue) ? revenue : revenue ? [revenue] : [];
  return amounts.length ? amounts.map((one) => texts.money(one)).join(" · ") : "–";
}

/** @param {string} name @param {string} value */
function figure(name, value, state = "") {
  return html`<div data-figure=${name} data-state=${state}>
    <dt>${t(`host.figure.${name}`)}</dt>
    <dd class="tabular">${value}</dd>
  </div>`;
}
