/** `<ls-countdown .until=${epochMs}>`: time left on the server's clock, in digits of one width. Says "over" at its end. */
import { LitElement, css, html } from "lit";
import { span } from "../models/texts.js";
import { clock } from "../shop.js";

export class Countdown extends LitElement {
  static properties = { until: { type: Number } };

  static styles = css`
    :host {
      display: inline-block;
      font-variant-numeric: tabular-nums;
      font-feature-settings: "tnum";
      white-space: nowrap;
    }
  `;

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  constructor() {
    super();
    this.until = 0;
  }

  connectedCallback() {
    super.connectedCallback();
    this.requestUpdate();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  render() {
    return html`<time role="timer">${span(this.until - clock.now())}</time>`;
  }

  updated() {
    clearTimeout(this.#timer);
    const left = this.until - clock.now();
    if (left <= 0) this.dispatchEvent(new Event("over"));
    else this.#timer = setTimeout(() => this.requestUpdate(), left % 1000 || 1000);
  }
}

customElements.define("ls-countdown", Countdown);
