/**
 * `<ls-checkout-frame src="/checkout?...">`: the checkout, a document of its own, inside a page where the show goes on.
 * It is as high as its document, so that one thing scrolls and not two. Says "ready" (it can be read), "paid" and "leave".
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

  #observer = new ResizeObserver(() => this.#fit());

  #hear = (/** @type {MessageEvent} */ event) => {
    const frame = this.renderRoot.querySelector("iframe");
    if (event.origin !== location.origin || event.source !== frame?.contentWindow) return;
    const { type, order } = event.data ?? {};
    if (type === "ready") this.dispatchEvent(new Event("ready"));
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
    this.#observer.disconnect();
  }

  /** Another document in the frame: the checkout, or the bank's page. */
  #loaded = () => {
    this.#observer.disconnect();
    const body = this.#document?.body;
    if (body) this.#observer.observe(body);
    this.scrollIntoView({ block: "nearest" });
  };

  /** The frame's document; null for a page of somebody else. */
  get #document() {
    return this.renderRoot.querySelector("iframe")?.contentDocument ?? null;
  }

  #fit() {
    const height = this.#document?.body.offsetHeight;
    if (height) this.renderRoot.querySelector("iframe")?.style.setProperty("--height", `${height}px`);
  }

  render() {
    return html`<iframe src=${this.src} title=${t("checkout.title")} allow="payment" @load=${this.#loaded}></iframe>`;
  }
}

customElements.define("ls-checkout-frame", CheckoutFrame);
