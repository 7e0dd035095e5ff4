/**
 * `<ls-confirm-email .email=${address}>`: shows once that an address is the shopper's own, by a code that it is sent.
 * Says "confirmed" when it is. `begin()` sends the code, or leads to the field that waits for it.
 */
import { LitElement, css, html, nothing } from "lit";
import { boot, t } from "../page.js";
import { api } from "../shop.js";
import { base, buttons, fields } from "./shared.js";

/** As many as the mail shows; the server takes blanks between them. */
const DIGITS = 6;

const REFUSALS = /** @type {Record<string, string>} */ ({
  "wrong-code": "confirm.wrong",
  "code-expired": "confirm.expired",
  "too-many-requests": "confirm.slow",
  unprocessable: "checkout.email.wrong",
  offline: "error.offline",
});

export class ConfirmEmail extends LitElement {
  static properties = {
    email: { type: String },
    sent: { state: true },
    busy: { state: true },
    wrong: { state: true },
  };

  static styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: grid;
        gap: var(--space-3);
        padding-block: var(--space-3);
        border-block: var(--hairline);
      }
      p {
        font-size: var(--text-s);
      }
      .field input {
        font-size: var(--text-l);
        font-variant-numeric: tabular-nums;
        letter-spacing: 0.3em;
      }
      .wrong {
        color: var(--accent);
      }
      .bare {
        justify-self: start;
        padding-inline: 0;
        text-decoration: underline;
        text-underline-offset: 0.2em;
      }
    `,
  ];

  constructor() {
    super();
    this.email = "";
    /** The address that the newest code went to. */
    this.sent = "";
    this.busy = false;
    this.wrong = "";
  }

  render() {
    if (!this.sent || this.sent !== this.email) {
      return html`<p>${t("confirm.why")}</p>
        ${this.#wrongPart()}
        <button type="button" data-send ?disabled=${this.busy} @click=${this.#send}>${t("confirm.send")}</button>`;
    }
    return html`<p role="status">${t("confirm.sent", { email: this.sent })} ${boot.demo ? t("confirm.demo") : nothing}</p>
      <div class="field">
        <label for="code">${t("confirm.code")}</label>
        <input
          id="code"
          inputmode="numeric"
          autocomplete="one-time-code"
          maxlength="11"
          aria-invalid=${this.wrong ? "true" : "false"}
          aria-describedby="wrong"
          ?disabled=${this.busy}
          @input=${this.#typed}
        />
      </div>
      ${this.#wrongPart()}
      <button type="button" class="bare" data-send ?disabled=${this.busy} @click=${this.#send}>${t("confirm.again")}</button>`;
  }

  #wrongPart() {
    return html`<p class="wrong" id="wrong" role="alert">${this.wrong || nothing}</p>`;
  }

  /** Leads on from wherever it stands. */
  async begin() {
    if (!this.sent || this.sent !== this.email) await this.#send();
    else this.#field?.focus();
  }

  get #field() {
    return /** @type {HTMLInputElement | null} */ (this.renderRoot.querySelector("#code"));
  }

  #send = () =>
    this.#asking(async () => {
      const { confirmed } = await api.post("/api/me/email", { email: this.email });
      this.sent = this.email;
      if (confirmed) this.#done();
    });

  #typed = (/** @type {InputEvent} */ event) => {
    const code = /** @type {HTMLInputElement} */ (event.target).value;
    if (code.replace(/\D/g, "").length < DIGITS) return;
    this.#asking(async () => {
      await api.post("/api/me/email/code", { email: this.sent, code });
      this.#done();
    });
  };

  /** @param {() => Promise<void>} work */
  async #asking(work) {
    this.busy = true;
    this.wrong = "";
    try {
      await work();
    } catch (error) {
      const refusal = /** @type {import("../models/api.js").Refusal} */ (error);
      const key = REFUSALS[refusal.type];
      this.wrong = key ? t(key, { count: refusal.body.left ?? 0 }) : refusal.message;
    }
    this.busy = false;
    await this.updateComplete;
    this.#field?.select();
    this.#field?.focus();
  }

  #done() {
    this.dispatchEvent(new Event("confirmed"));
  }
}

customElements.define("ls-confirm-email", ConfirmEmail);
