/** `<ls-icon name="heart">`: an icon of the sprite. Decoration only; the control around it carries the name. */
import { LitElement, css, svg, html } from "lit";

// The sprite lies beside this folder, under the same version prefix.
const SPRITE = new URL("../icons.svg", import.meta.url).pathname;

export class Icon extends LitElement {
  static properties = { name: { type: String } };

  static styles = css`
    :host {
      display: inline-block;
      inline-size: var(--icon-size, 1.25rem);
      block-size: var(--icon-size, 1.25rem);
      flex: none;
    }
    svg {
      display: block;
      inline-size: 100%;
      block-size: 100%;
      fill: none;
      stroke: currentColor;
      stroke-width: 1.5;
      stroke-linecap: round;
      stroke-linejoin: round;
    }
  `;

  constructor() {
    super();
    this.name = "";
  }

  render() {
    return html`<svg aria-hidden="true" viewBox="0 0 24 24">${svg`<use href=${`${SPRITE}#${this.name}`}></use>`}</svg>`;
  }
}

customElements.define("ls-icon", Icon);
