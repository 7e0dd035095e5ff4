/** <ls-rows>: the run of show. One row, one key, one big button. Announces `row-press` with the row. */

import { LitElement, css, html, nothing } from "lit";

import { span } from "../models/texts.js";
import { t } from "../page.js";
import { base, buttons } from "./shared.js";

/** @typedef {import("../models/host-rundown.js").RowView} RowView */

export class Rows extends LitElement {
  static properties = {
    views: { attribute: false },
    products: { attribute: false },
    busy: { attribute: false },
    media: { attribute: false },
    tick: { attribute: false },
    keys: { attribute: false },
    waits: { attribute: false },
  };

  static styles = [
    base,
    buttons,
    css`
      :host {
        display: block;
      }
      ol {
        list-style: none;
        margin: 0;
        padding: 0;
      }
      li {
        display: grid;
        grid-template-columns: 2.25rem 3.25rem minmax(0, 1fr) auto 8.5rem;
        align-items: center;
        gap: var(--space-3);
        padding: var(--space-2) var(--space-3) var(--space-2) var(--space-2);
        border-block-end: var(--hairline);
        border-inline-start: 3px solid transparent;
      }
      li[data-state="next"] {
        border-inline-start-color: var(--line-strong);
        background: var(--paper-raised);
      }
      li[data-state="on"] {
        border-inline-start-color: var(--accent);
        background: var(--paper-raised);
      }
      li[data-state="done"] .what {
        color: var(--ink-soft);
      }
      kbd {
        display: grid;
        place-items: center;
        inline-size: 1.9rem;
        block-size: 1.9rem;
        border: 1px solid var(--line-strong);
        border-radius: 4px;
        font: 500 var(--text-s) / 1 var(--sans);
      }
      kbd.off {
        border-color: var(--line);
        color: transparent;
      }
      .at {
        color: var(--ink-soft);
        font-size: var(--text-s);
      }
      .pictures {
        display: flex;
        gap: 2px;
      }
      .pictures img {
        inline-size: 2.25rem;
        block-size: 2.75rem;
        object-fit: contain;
        padding: 2px;
        background: var(--photo);
      }
      .what b {
        display: block;
        font-weight: 500;
        line-height: 1.25;
      }
      .what span {
        display: block;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        font-size: var(--text-s);
        color: var(--ink-soft);
      }
      .what .left {
        color: var(--accent);
      }
      button {
        min-block-size: 3rem;
        inline-size: 100%;
      }
      .next {
        background: var(--ink);
        border-color: var(--ink);
        color: var(--paper);
      }
      .on {
        border-color: var(--accent);
        color: var(--accent);
      }
      @media (max-width: 47.99rem) {
        li {
          grid-template-columns: minmax(0, 1fr) auto 7rem;
        }
        kbd,
        .at {
          display: none;
        }
        .pictures img:nth-child(n + 2) {
          display: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly RowView[]} */
    this.views = [];
    /** @type {readonly {sku: string, title: string, pictures: string[]}[]} */
    this.products = [];
    /** @type {ReadonlySet<number>} */
    this.busy = new Set();
    /** The newest media time, epoch ms. */
    this.media = 0;
    this.tick = 0;
    this.keys = true;
    /** Whether a drop's end waits for its second press. @type {(id: string | null) => boolean} */
    this.waits = () => false;
  }

  render() {
    if (this.views.length === 0) return html`<p class="soft">${t("host.rundown.empty")}</p>`;
    return html`<ol>
      ${this.views.map((view) => this.#row(view))}
    </ol>`;
  }

  /** @param {RowView} view */
  #row(view) {
    const pictures = view.skus.flatMap((sku) => this.products.find((product) => product.sku === sku)?.pictures[0] ?? []);
    return html`<li data-state=${view.state} data-row=${view.number} aria-current=${view.state === "on" ? "true" : nothing}>
      <kbd class=${this.keys ? "" : "off"} aria-hidden="true">${view.key.toUpperCase()}</kbd>
      <span class="at tabular">${span(view.at * 1000)}</span>
      <span class="what"><b>${view.title}</b>${this.#about(view)}</span>
      <span class="pictures">${pictures.slice(0, 4).map((path) => html`<img src=${path} alt="" loading="lazy" />`)}</span>
      <button
        class=${view.state}
        aria-keyshortcuts=${this.keys && view.key ? view.key : nothing}
        aria-label=${`${this.#verb(view)}: ${view.title}`}
        ?disabled=${this.busy.has(view.number)}
        @click=${() => this.dispatchEvent(new CustomEvent("row-press", { detail: view }))}
      >
        ${this.#verb(view)}
      </button>
    </li>`;
  }

  /** @param {RowView} view */
  #verb(view) {
    if (view.state === "on") return t(this.waits(view.id) ? "host.row.really" : "host.row.end");
    if (view.drop) return t("host.row.drop");
    return view.state === "done" ? t("host.row.again") : t("host.row.show");
  }

  /** @param {RowView} view */
  #about(view) {
    if (view.drop) {
      const left = view.left ?? view.total ?? 0;
      return view.state === "on"
        ? html`<span class="left tabular">${t("host.left", { left, total: view.total ?? left })}</span>`
        : html`<span>${t("host.row.drop-of", { count: view.total ?? 0 })}</span>`;
    }
    if (view.state === "on" && view.endsAt !== null) {
      return html`<span class="left tabular">${t("host.row.ends", { time: span(view.endsAt - this.media) })}</span>`;
    }
    const names = view.skus.map((sku) => this.products.find((product) => product.sku === sku)?.title ?? sku);
    return html`<span>${names.join(", ")}</span>`;
  }
}

customElements.define("ls-rows", Rows);
