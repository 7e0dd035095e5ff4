/** `<ls-holds>`: what is reserved for this shopper, with its time and the way to pay. Tells once when a time is over. Says "checkout". */
import { LitElement, css, html, nothing } from "lit";
import { boot, t } from "../page.js";
import { clock, holds } from "../shop.js";
import { Follow } from "./follow.js";
import { base, buttons } from "./shared.js";
import "./countdown.js";

export class HoldBar extends LitElement {
  static properties = { drops: { attribute: false }, over: { state: true } };

  static styles = [
    base,
    buttons,
    css`
      div {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        padding: var(--space-2) var(--space-2) var(--space-2) var(--space-4);
        background: var(--paper-raised);
        color: var(--ink);
        border-inline-start: 2px solid var(--accent-fill);
        font-size: var(--text-s);
      }
      .title {
        flex: 1;
        min-inline-size: 0;
      }
      ls-countdown {
        font-weight: 500;
      }
      .primary {
        min-block-size: var(--touch);
        padding-inline: var(--space-4);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly string[]} drops whose own card shows the hold */
    this.drops = [];
    this.over = "";
    new Follow(this, "holds");
  }

  render() {
    const running = holds.running(clock.now()).filter((hold) => !this.drops.includes(hold.drop));
    return html`
      ${running.map(
        (hold) => html`<div data-hold=${hold.hold}>
          <span class="title">${t("hold.yours", { title: hold.title })}
            <ls-countdown .until=${Date.parse(hold.expires_at)} @over=${this.#expire}></ls-countdown></span>
          <button class="primary" @click=${() => this.#pay(hold.hold)}>${t("hold.pay")}</button>
        </div>`,
      )}
      ${this.over
        ? html`<div role="status"><span class="title">${t("hold.over", { title: this.over })}</span>
            <button class="bare" @click=${() => (this.over = "")}>${t("common.close")}</button></div>`
        : nothing}
    `;
  }

  #expire = () => {
    const over = holds.expire(clock.now());
    if (over.length) this.over = over.map((hold) => hold.title).join(", ");
  };

  /** @param {string} hold */
  #pay(hold) {
    const detail = new URLSearchParams({ hold, lang: boot.language }).toString();
    this.dispatchEvent(new CustomEvent("checkout", { detail, bubbles: true, composed: true }));
  }
}

customElements.define("ls-holds", HoldBar);
