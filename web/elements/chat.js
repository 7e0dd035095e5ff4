/** `<ls-chat>`: what is said, newest last, and a line to say something. `send` takes a text and answers {ok} or {error}. */
import { LitElement, css, html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { t } from "../page.js";
import { base, buttons } from "./shared.js";
import "./icon.js";

const REFUSALS = /** @type {Record<string, string>} */ ({ "too-fast": "chat.limited", offline: "chat.failed", busy: "chat.failed" });
/** The server's own limit: two short sentences. */
const LENGTH = 200;

export class Chat extends LitElement {
  static properties = {
    said: { attribute: false },
    send: { attribute: false },
    readonly: { type: Boolean, reflect: true },
    refusal: { state: true },
  };

  static styles = [
    base,
    buttons,
    css`
      :host {
        display: grid;
        grid-template-rows: minmax(0, 1fr) auto;
        gap: var(--space-3);
        min-block-size: 0;
      }
      .log {
        display: flex;
        flex-direction: column;
        gap: var(--space-2);
        overflow-y: auto;
        overscroll-behavior: contain;
        scrollbar-width: none;
        font-size: var(--text-s);
        line-height: 1.4;
        mask-image: linear-gradient(transparent, #000 2.5rem);
        padding-block-start: 2.5rem;
      }
      .log:focus-visible {
        outline-offset: -2px;
      }
      .log > :first-child {
        margin-block-start: auto;
      }
      b {
        font-weight: 500;
        color: var(--ink-soft);
        margin-inline-end: 0.4em;
      }
      form {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        border-block-end: 1px solid var(--line-strong);
      }
      form:focus-within {
        border-color: var(--ink);
      }
      input {
        flex: 1;
        min-inline-size: 0;
        font: inherit;
        color: inherit;
        background: none;
        border: 0;
        min-block-size: var(--touch);
        padding: 0;
      }
      input:focus {
        outline: none;
      }
      input::placeholder {
        color: var(--ink-soft);
        opacity: 1;
      }
      .round {
        border-color: transparent;
      }
      .refusal {
        font-size: var(--text-s);
        color: var(--accent);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly import("../models/live.js").Said[]} */
    this.said = [];
    /** @type {(text: string) => Promise<{ok?: boolean, error?: string}>} */
    this.send = () => Promise.resolve({ error: "offline" });
    this.readonly = false;
    this.refusal = "";
  }

  render() {
    return html`<div class="log" tabindex="0" role="log" aria-label=${t("chat.title")}>
        ${this.said.length || this.readonly ? nothing : html`<p class="soft">${t("chat.empty")}</p>`}
        ${repeat(this.said, (line) => line.id, (line) => html`<p><b>${line.author}</b>${line.text}</p>`)}
      </div>
      ${this.readonly ? nothing : this.#form()}`;
  }

  #form() {
    return html`<div>
      <form @submit=${this.#submit}>
        <input
          name="text"
          maxlength=${LENGTH}
          autocomplete="off"
          enterkeyhint="send"
          placeholder=${t("chat.placeholder")}
          aria-label=${t("chat.placeholder")}
        />
        <button class="round" aria-label=${t("chat.send")}><ls-icon name="send-horizontal"></ls-icon></button>
      </form>
      ${this.refusal ? html`<p class="refusal" role="status">${t(this.refusal)}</p>` : nothing}
    </div>`;
  }

  /** @param {import("lit").PropertyValues} changed */
  updated(changed) {
    if (!changed.has("said")) return;
    const list = this.renderRoot.querySelector(".log");
    if (list) list.scrollTop = list.scrollHeight;
  }

  #submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const input = /** @type {HTMLInputElement} */ (this.renderRoot.querySelector("input"));
    const text = input.value.trim();
    if (!text) return;
    const { error } = await this.send(text);
    this.refusal = error ? (REFUSALS[error] ?? "chat.refused") : "";
    if (!error) input.value = "";
  };
}

customElements.define("ls-chat", Chat);
