/** The lists under the console's tabs: their common look, and what stands there before, instead of and with the rows. */

import { css, html } from "lit";
import { repeat } from "lit/directives/repeat.js";

import { t } from "../page.js";

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
 * @template T
 * @param {{name: string, problem: string, rows: readonly T[] | null}} what `name`: the label's text and, with ".empty", what
 *   stands there without rows; `problem`: the text of why there are none; `rows`: null before the first answer
 * @param {(row: T) => string} key
 * @param {(row: T) => unknown} row
 */
export function listPart({ name, problem, rows }, key, row) {
  if (problem) return html`<p class="problem" role="alert">${t(problem)}</p>`;
  if (rows === null) return html`<p class="soft" aria-busy="true">…</p>`;
  if (rows.length === 0) return html`<p class="soft">${t(`${name}.empty`)}</p>`;
  return html`<ol tabindex="0" aria-label=${t(name)}>
    ${repeat(rows, key, row)}
  </ol>`;
}
