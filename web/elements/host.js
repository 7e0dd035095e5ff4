/** <ls-host>: the console's door. Asks for the password, then shows the desk of the chosen event. */

import { LitElement, css, html, nothing } from "lit";

import { t } from "../page.js";
import { api } from "../shop.js";
import "./host-desk.js";
import { base, buttons, fields } from "./shared.js";

const REFUSALS = /** @type {Record<string, string>} */ ({
  "wrong-password": "host.signin.wrong",
  unauthorized: "host.signin.wrong",
  offline: "host.offline",
});

export class HostConsole extends LitElement {
  static properties = {
    host: { state: true },
    events: { state: true },
    event: { state: true },
    refusal: { state: true },
    busy: { state: true },
    named: { state: true },
  };

  static styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: block;
        min-block-size: 100dvh;
      }
      main {
        min-block-size: 100dvh;
        display: grid;
        place-content: center;
        padding: var(--gutter);
      }
      form {
        display: grid;
        gap: var(--space-5);
        inline-size: min(22rem, 100vw - 2 * var(--gutter));
      }
      h1 {
        font: 600 var(--text-xl) / var(--tight) var(--sans);
      }
      .refusal {
        color: var(--accent);
        min-block-size: 1.5em;
      }
    `,
  ];

  constructor() {
    super();
    /** Undefined until it is known; null: nobody is signed in. @type {{name: string, role: string} | null | undefined} */
    this.host = undefined;
    /** @type {{id: string, title: string, state: string, starts_at: string | null, playlist: string}[]} */
    this.events = [];
    this.event = "";
    this.refusal = "";
    this.busy = false;
    /** Whether the name is asked for: the first account needs only its password. */
    this.named = false;
  }

  connectedCallback() {
    super.connectedCallback();
    void this.#enter();
  }

  render() {
    if (this.host === undefined) return html`<main aria-busy="true"></main>`;
    if (this.host === null) return this.#signIn();
    if (this.event === "") return html`<main><p>${this.refusal ? t(this.refusal) : t("host.no-event")}</p></main>`;
    return html`<ls-desk
      .event=${this.event}
      .events=${this.events}
      .name=${this.host.name}
      .rank=${this.host.role}
      @desk-event=${(/** @type {CustomEvent} */ event) => (this.event = event.detail)}
      @desk-leave=${this.#leave}
      @desk-locked=${() => (this.host = null)}
    ></ls-desk>`;
  }

  #signIn() {
    return html`<main>
      <form @submit=${this.#submit}>
        <h1>${t("host.signin.title")}</h1>
        ${this.named
          ? html`<div class="field">
              <label for="name">${t("host.signin.name")}</label>
              <input id="name" name="name" autocomplete="username" required maxlength="64" />
            </div>`
          : nothing}
        <div class="field">
          <label for="password">${t("host.signin.password")}</label>
          <input
            id="password"
            name="password"
            type="password"
            autocomplete="current-password"
            required
            aria-invalid=${this.refusal ? "true" : "false"}
            aria-describedby="refusal"
          />
        </div>
        <p class="refusal" id="refusal" role="alert">${this.refusal ? t(this.refusal) : nothing}</p>
        <button class="primary" ?disabled=${this.busy}>${t("host.signin.do")}</button>
        ${this.named
          ? nothing
          : html`<button type="button" class="bare" @click=${() => (this.named = true)}>
              ${t("host.signin.other")}
            </button>`}
      </form>
    </main>`;
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const name = String(form.get("name") ?? "").trim();
    this.busy = true;
    this.refusal = "";
    try {
      await api.post("/api/host/session", { password: String(form.get("password")), ...(name ? { name } : {}) });
      await this.#enter();
    } catch (error) {
      const { type = "", status = 0 } = /** @type {{type?: string, status?: number}} */ (error);
      this.refusal = status === 429 ? "host.signin.slow" : (REFUSALS[type] ?? (status === 401 ? "host.signin.wrong" : "host.failed"));
      await this.updateComplete;
      /** @type {HTMLInputElement | null} */ (this.renderRoot.querySelector("#password"))?.select();
    }
    this.busy = false;
  }

  async #enter() {
    try {
      this.host = await api.get("/api/host/session");
    } catch {
      this.host = null;
      return;
    }
    try {
      this.events = (await api.get("/api/events")).events;
      const asked = new URLSearchParams(location.search).get("event");
      this.event = (this.events.find((one) => one.id === asked) ?? this.events[0])?.id ?? "";
    } catch {
      this.refusal = "host.failed";
    }
  }

  async #leave() {
    await api.delete("/api/host/session").catch(() => {});
    this.host = null;
    this.event = "";
  }
}

customElements.define("ls-host", HostConsole);
