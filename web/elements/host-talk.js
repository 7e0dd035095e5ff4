/** <ls-talk>: what viewers say, with one button to hide a line from every screen. Announces `talk-hide` with the id. */

import { LitElement, css, html } from "lit";
import { repeat } from "lit/directives/repeat.js";

import { t } from "../page.js";
import { list } from "./host-list.js";
import { base, buttons } from "./shared.js";

export class Talk extends LitElement {
  static properties = { said: { attribute: false } };

  static styles = [
    base,
    buttons,
    list,
    css`
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--space-2);
      }
      b {
        font-weight: 500;
        color: var(--ink-soft);
        margin-inline-end: 0.4em;
      }
      p.soft {
        padding-block: var(--space-4);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly import("../models/live.js").Said[]} */
    this.said = [];
  }

  render() {
    if (this.said.length === 0) return html`<p class="soft">${t("host.talk.empty")}</p>`;
    // Newest first: what has just been said is what has to be judged.
    return html`<ol tabindex="0" aria-label=${t("host.talk")}>
      ${repeat(
        [...this.said].reverse(),
        (line) => line.id,
        (line) => html`<li>
          <span><b>${line.author}</b>${line.text}</span>
          <button
            class="bare round"
            aria-label=${t("host.talk.hide", { text: line.text })}
            @click=${() => this.dispatchEvent(new CustomEvent("talk-hide", { detail: line.id }))}
          >
            <ls-icon name="eye-off"></ls-icon>
          </button>
        </li>`,
      )}
    </ol>`;
  }
}

customElements.define("ls-talk", Talk);
