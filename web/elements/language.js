/** `<ls-language>`: this page in another language. The choice is kept by the server. */
import { LitElement, css, html, nothing } from "lit";
import { boot, t } from "../page.js";
import { base } from "./shared.js";

// Each language is named in itself.
const LANGUAGES = /** @type {const} */ ([["en", "English"], ["de", "Deutsch"], ["zh", "中文"]]);

export class LanguageChoice extends LitElement {
  static styles = [
    base,
    css`
      nav {
        display: flex;
        gap: var(--space-4);
        font-size: var(--text-s);
      }
      a {
        min-block-size: 1.5rem;
      }
      a[aria-current] {
        text-decoration: none;
        color: var(--ink);
      }
    `,
  ];

  render() {
    return html`<nav aria-label=${t("site.language")}>
      ${LANGUAGES.map(
        ([code, name]) =>
          html`<a href=${address(code)} lang=${code} hreflang=${code} aria-current=${code === boot.language ? "true" : nothing}>${name}</a>`,
      )}
    </nav>`;
  }
}

/** @param {string} code */
function address(code) {
  const url = new URL(location.href);
  url.searchParams.set("lang", code);
  return `${url.pathname}${url.search}`;
}

customElements.define("ls-language", LanguageChoice);
