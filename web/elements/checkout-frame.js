/**
 * `<ls-checkout-frame src="/checkout?...">`: the checkout, a document of its own, inside a page where the show goes on.
 * It tells its height, so that one thing scrolls and not two. Says "ready" (it can be read), "paid" and "leave".
 */
import { LitElement, css, html } from "lit";
import { t } from "../page.js";

export class CheckoutFrame extends LitElement {
  static properties = { src: { type: String } };

  static styles = css`
    :host {
      display: block;
    }
    iframe {
      display: block;
      border: 0;
      inline-size: 100%;
      block-size: var(--height, 26rem);
      color-scheme: light dark;
      background: none;
    }
  `;

  constructor() {
    super();
    this.src = "";
  }

  #hear = (/** @type {MessageEvent} */ event) => {
    const frame = this.renderRoot.querySelector("iframe");
    if (event.origin !== location.origin || event.source !== frame?.contentWindow) return;
    const { type, height, order } = event.data ?? {};
    if (type === "height") frame?.style.setProperty("--height", `${Math.ceil(height)}px`);
    else if (type === "ready") this.dispatchEvent(new Event("ready"));
    else if (type === "paid") this.dispatchEvent(new CustomEvent("paid", { detail: order, bubbles: true, composed: true }));
    else if (type === "leave") this.dispatchEvent(new CustomEvent("leave", { bubbles: true, composed: true }));
  };

  connectedCallback() {
    super.connectedCallback();
    addEventListener("message", this.#hear);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener("message", this.#hear);
  }

  render() {
    return html`<iframe src=${this.src} title=${t("checkout.title")} allow="payment"></iframe>`;
  }
}

customElements.define("ls-checkout-frame", CheckoutFrame);
