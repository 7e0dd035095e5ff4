/** Styles that several elements adopt, and the document's few helpers for them. */
import { css } from "lit";

/** Every element takes these first: box model, focus, type. */
export const base = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  h1,
  h2,
  h3 {
    font-family: var(--serif);
    font-weight: 400;
    line-height: var(--tight);
    text-wrap: balance;
    margin: 0;
  }
  p {
    margin: 0;
    text-wrap: pretty;
  }
  img,
  video,
  svg {
    display: block;
    max-inline-size: 100%;
  }
  a {
    color: inherit;
    text-decoration-thickness: 1px;
    text-underline-offset: 0.2em;
  }
  :focus-visible {
    outline: 2px solid var(--focus);
    outline-offset: 3px;
  }
  [tabindex="-1"]:focus-visible {
    outline: none;
  }
  .caps {
    font-size: var(--text-xs);
    letter-spacing: var(--caps-spacing);
    text-transform: uppercase;
  }
  .soft {
    color: var(--ink-soft);
  }
  .tabular {
    font-variant-numeric: tabular-nums;
  }
  .hidden-but-read {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;

/** `button`: quiet outline; `.primary`: the one filled action of a view; `.bare`: text only; `.round`: an icon. */
export const buttons = css`
  button,
  .button {
    appearance: none;
    font: inherit;
    font-weight: 500;
    line-height: 1.2;
    color: inherit;
    background: none;
    border: 1px solid var(--line-strong);
    border-radius: var(--radius);
    min-block-size: var(--touch);
    padding: var(--space-2) var(--space-4);
    cursor: pointer;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: var(--space-2);
    text-decoration: none;
    touch-action: manipulation;
    transition: background-color var(--fast), border-color var(--fast), color var(--fast);
  }
  button:hover,
  .button:hover {
    border-color: var(--ink);
  }
  button:disabled {
    cursor: default;
    color: var(--ink-soft);
    border-color: var(--line);
  }
  .primary {
    background: var(--accent-fill);
    border-color: var(--accent-fill);
    color: var(--on-accent);
    min-block-size: 3.25rem;
    padding-inline: var(--space-5);
  }
  .primary:hover {
    background: var(--accent-fill-hover);
    border-color: var(--accent-fill-hover);
    color: var(--on-accent);
  }
  .primary:disabled {
    background: var(--paper-sunken);
    border-color: var(--line);
    color: var(--ink-soft);
  }
  .bare {
    border-color: transparent;
    padding-inline: var(--space-2);
  }
  .bare:hover {
    border-color: transparent;
    color: var(--accent);
  }
  .round {
    inline-size: var(--touch);
    block-size: var(--touch);
    padding: 0;
    border-radius: var(--radius-round);
    flex: none;
  }
  .wide {
    inline-size: 100%;
  }
`;

/** A piece in small: `.photo`, its picture on plain ground, and `.meta`, what is told under its name. */
export const piece = css`
  .photo {
    background: var(--photo);
    aspect-ratio: 4 / 5;
    padding: 8%;
  }
  .photo img {
    inline-size: 100%;
    block-size: 100%;
    object-fit: contain;
  }
  .meta {
    font-size: var(--text-s);
    color: var(--ink-soft);
  }
`;

/** Labelled fields on hairlines, with their error below. */
export const fields = css`
  .field {
    display: grid;
    gap: var(--space-1);
  }
  .field label {
    font-size: var(--text-s);
    color: var(--ink-soft);
  }
  .field input,
  .field select,
  .field textarea {
    font: inherit;
    color: var(--ink);
    background: none;
    border: 0;
    border-block-end: 1px solid var(--line-strong);
    border-radius: 0;
    min-block-size: var(--touch);
    padding: var(--space-2) 0;
    inline-size: 100%;
  }
  .field option {
    color: var(--ink);
    background: var(--paper-raised);
  }
  .field input:focus-visible,
  .field select:focus-visible,
  .field textarea:focus-visible {
    outline: none;
    border-block-end-color: var(--ink);
    box-shadow: 0 1px 0 var(--ink);
  }
  .field [aria-invalid="true"] {
    border-block-end-color: var(--accent);
  }
  .field .wrong {
    font-size: var(--text-s);
    color: var(--accent);
  }
`;
