/** <ls-mail>: what the shop wrote to its customers, the newest first. Where no mail server is set, it waits here. */

import { LitElement, css, html, nothing } from "lit";

import { t, texts } from "../page.js";
import { api } from "../shop.js";
import { Rows, list, listPart } from "./host-list.js";
import { base } from "./shared.js";

/** One screenful; the API has the older ones. */
const LIMIT = 30;

/** @typedef {{id: string, state: "waiting" | "sent" | "failed", to: string, subject: string, text: string, language: string, created_at: string, error: string | null}} Mail */

export class HostMail extends LitElement {
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
    /** @type {Rows<Mail>} */
    this.mails = new Rows(this, async () => (await api.get(`/api/outbox?limit=${LIMIT}`)).mails, "host.mail.away");
  }

  render() {
    return listPart("host.mail", this.mails, (mail) => mail.id, (mail) => this.#mail(mail));
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
