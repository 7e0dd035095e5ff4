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
    if (type === "ready") {
      this.#measure();
      this.dispatchEvent(new Event("ready"));
    } else if (type === "paid") this.dispatchEvent(new CustomEvent("paid", { detail: order, bubbles: true, composed: true }));
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

  /** The body that is measured. @type {HTMLElement | undefined} */
  #body;

  /** Another document in the frame: the checkout, or the bank's page. */
  #loaded = () => {
    if (!this.#measure()) this.scrollIntoView({ block: "nearest" });
  };

  /**
   * As high as the document of this moment, from now on. It may be ready before all of it is loaded.
   * @returns {boolean} whether it was measured before
   */
  #measure() {
    const body = this.#document?.body;
    const known = body !== undefined && body === this.#body;
    if (!known) {
      this.#observer.disconnect();
      if (body) this.#observer.observe(body);
      this.#body = body;
    }
    this.#fit();
    return known;
  }

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
