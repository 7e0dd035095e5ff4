/** The lists under the console's tabs: asked for now and then, their common look, and what stands there before, instead of and with the rows. */

import { css, html } from "lit";
import { repeat } from "lit/directives/repeat.js";

import { t } from "../page.js";

const REFRESH_MS = 5000;

export const list = css`
  :host {
    display: grid;
    min-block-size: 0;
  }
  ol {
    list-style: none;
    margin: 0;
    padding: 0;
    overflow-y: auto;
    font-size: var(--text-s);
  }
  li {
    border-block-end: var(--hairline);
  }
  .problem {
    color: var(--accent);
  }
`;

/**
 * An element's rows, asked for again and again while it is on the page and somebody sees it.
 * @template T
 */
export class Rows {
  #host;
  #ask;
  #failed;
  #every;
  /** Only the newest answer counts: what is asked for may have changed meanwhile. */
  #asked = 0;
  #answered = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer = undefined;

  /**
   * @param {import("lit").LitElement} host
   * @param {() => Promise<readonly T[] | null>} ask null: there is nothing to ask for yet
   * @param {string} failed the text of why there are none
   * @param {number} [every] in milliseconds
   */
  constructor(host, ask, failed, every = REFRESH_MS) {
    /** Null before the first answer. @type {readonly T[] | null} */
    this.found = null;
    this.problem = "";
    this.#host = host;
    this.#ask = ask;
    this.#failed = failed;
    this.#every = every;
    host.addController(this);
  }

  hostConnected() {
    void this.load();
    // A slow answer is waited for: it would be outdated by the next question.
    this.#timer = setInterval(() => this.#answered === this.#asked && void this.load(), this.#every);
  }

  hostDisconnected() {
    clearInterval(this.#timer);
  }

  async load() {
    if (document.hidden) return;
    const asked = ++this.#asked;
    const answer = await this.#ask().then(
      (found) => ({ found, problem: "" }),
      () => ({ found: this.found, problem: this.#failed }),
    );
    if (asked !== this.#asked) return;
    this.#answered = asked;
    Object.assign(this, answer);
    this.#host.requestUpdate();
  }
}

/**
 * @template T
 * @param {string} name the label's text and, with ".empty", what stands there without rows
 * @param {Rows<T>} rows
 * @param {(row: T) => string} key
 * @param {(row: T) => unknown} row
 */
export function listPart(name, { found, problem }, key, row) {
  if (problem) return html`<p class="problem" role="alert">${t(problem)}</p>`;
  if (found === null) return html`<p class="soft" aria-busy="true">…</p>`;
  if (found.length === 0) return html`<p class="soft">${t(`${name}.empty`)}</p>`;
  return html`<ol tabindex="0" aria-label=${t(name)}>
    ${repeat(found, key, row)}
  </ol>`;
}
