/** <ls-fairness>: whether the drawn drops of an event were fair, as the ledger tells it after each draw. */

import { LitElement, css, html, nothing } from "lit";

import { drawn, even, parts } from "../models/host-fairness.js";
import { t, texts } from "../page.js";
import { api } from "../shop.js";
import { Rows, list, listPart } from "./host-list.js";
import { base } from "./shared.js";

/** A draw is over when it is over; the next one may come. */
const REFRESH_MS = 10_000;

/**
 * @typedef {import("../models/host-fairness.js").Drop} Drop
 * @typedef {import("../models/host-fairness.js").Report} Report
 */

export class Fairness extends LitElement {
  static properties = {
    event: { attribute: false },
    products: { attribute: false },
  };

  static styles = [
    base,
    list,
    css`
      li {
        display: grid;
        gap: var(--space-1);
        padding-block: var(--space-3);
      }
      h3 {
        display: flex;
        justify-content: space-between;
        gap: var(--space-3);
        font: 500 var(--text-s) / 1.3 var(--sans);
      }
      dl {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        align-items: center;
        gap: 0 var(--space-3);
        margin: 0;
      }
      dl div {
        display: contents;
      }
      dd {
        display: contents;
      }
      progress {
        inline-size: 100%;
        block-size: 4px;
        appearance: none;
        border: 0;
        background: var(--line);
      }
      progress::-webkit-progress-bar {
        background: var(--line);
      }
      progress::-webkit-progress-value {
        background: var(--ink);
      }
      progress::-moz-progress-bar {
        background: var(--ink);
      }
      .uneven {
        color: var(--accent);
      }
      p.soft {
        padding-block: var(--space-1);
      }
    `,
  ];

  constructor() {
    super();
    this.event = "";
    /** @type {readonly {sku: string, title: string, variants: {id: string, size: string}[]}[]} */
    this.products = [];
    /** @type {Rows<{drop: Drop, report: Report}>} */
    this.reports = new Rows(this, () => this.#ask(), "host.fairness.failed", REFRESH_MS);
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("event")) void this.reports.load();
  }

  async #ask() {
    if (!this.event) return null;
    const { drops } = await api.get(`/api/drops?event=${encodeURIComponent(this.event)}`);
    return Promise.all(
      drawn(drops).map(async (drop) => ({ drop, report: await api.get(`/api/drops/${encodeURIComponent(drop.id)}/fairness`) })),
    );
  }

  render() {
    return listPart("host.fairness", this.reports, ({ drop }) => drop.id, ({ drop, report }) => this.#report(drop, report));
  }

  /** @param {Drop} drop @param {Report} report */
  #report(drop, report) {
    const product = this.products.find((one) => one.sku === drop.sku);
    const size = product?.variants.find((variant) => variant.id === drop.variant)?.size;
    return html`<li data-drop=${drop.id}>
      <h3>
        <span>${product?.title ?? drop.sku}${size ? html` <span class="soft">${size}</span>` : nothing}</span>
        <span class="soft">${texts.time(drop.opens_at_ms)}</span>
      </h3>
      ${report.entered ? this.#draw(report) : html`<p>${t("host.fairness.nobody")}</p>`}
      <p class="soft tabular">
        ${t("host.fairness.after", { after: report.after_draw, most: report.most_by_one, limit: report.per_customer })}
      </p>
      <a href=${`/api/drops/${encodeURIComponent(drop.id)}/draw`} download=${`${drop.id}.json`}>${t("host.fairness.draw")}</a>
    </li>`;
  }

  /** @param {Report} report */
  #draw(report) {
    const fair = even(report);
    return html`<p class="tabular">${t("host.fairness.won", { won: report.won, count: report.entered })}</p>
      <dl>${parts(report).map((part) => this.#part(part))}</dl>
      <p class=${fair ? "" : "uneven"}>${t(fair ? "host.fairness.even" : "host.fairness.uneven")}</p>
      <p class="soft tabular">${t("host.fairness.chi", { chi: report.chi_square, limit: report.uneven_above })}</p>`;
  }

  /** @param {{from: number, entered: number, won: number}} part */
  #part({ from, entered, won }) {
    const label = t("host.fairness.part", { won, entered });
    return html`<div>
      <dt class="soft tabular">${t("host.fairness.from", { from })}</dt>
      <dd>
        <progress max=${Math.max(1, entered)} value=${won} aria-label=${label}></progress>
        <span class="tabular">${label}</span>
      </dd>
    </div>`;
  }
}

customElements.define("ls-fairness", Fairness);
