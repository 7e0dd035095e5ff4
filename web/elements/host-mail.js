/** <ls-mail>: what the shop wrote to its customers, the newest first. Where no mail server is set, it waits here. */

import { LitElement, css, html, nothing } from "lit";

import { t, texts } from "../page.js";
import { api } from "../shop.js";
import { list, listPart } from "./host-list.js";
import { base } from "./shared.js";

const REFRESH_MS = 5000;
/** One screenful; the API has the older ones. */
const LIMIT = 30;

/** @typedef {{id: string, state: "waiting" | "sent" | "failed", to: string, subject: string, text: string, language: string, created_at: string, error: string | null}} Mail */

export class HostMail extends LitElement {
  static properties = { mails: { state: true }, problem: { state: true } };

  static styles = [
    base,
    list,
    css`
      summary {
        min-block-size: var(--touch);
        padding-block: var(--space-2);
        align-content: center;
        overflow-wrap: anywhere;
        cursor: pointer;
      }
      pre {
        margin: 0;
        padding-block: 0 var(--space-3);
        font: inherit;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      p {
        padding-block: var(--space-3);
      }
    `,
  ];

  constructor() {
    super();
    /** Null before the first answer. @type {Mail[] | null} */
    this.mails = null;
    this.problem = "";
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
  }

  connectedCallback() {
    super.connectedCallback();
    void this.#load();
    this.timer = setInterval(() => void this.#load(), REFRESH_MS);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  async #load() {
    if (document.hidden) return;
    try {
      this.mails = (await api.get(`/api/outbox?limit=${LIMIT}`)).mails;
      this.problem = "";
    } catch {
      this.problem = "host.mail.away";
    }
  }

  render() {
    return listPart(
      { name: "host.mail", problem: this.problem, rows: this.mails },
      (mail) => mail.id,
      (mail) => this.#mail(mail),
    );
  }

  /** @param {Mail} mail */
  #mail(mail) {
    return html`<li data-mail=${mail.id}>
      <details>
        <summary>
          <b lang=${mail.language}>${mail.subject}</b><br />
          <span class="soft">${mail.to} · ${texts.time(mail.created_at)} · </span>
          <span class=${mail.state === "failed" ? "problem" : "soft"}>${t(`host.mail.${mail.state}`)}</span>
        </summary>
        ${mail.error ? html`<p class="problem">${mail.error}</p>` : nothing}
        <pre lang=${mail.language}>${mail.text}</pre>
      </details>
    </li>`;
  }
}

customElements.define("ls-mail", HostMail);
