/** The checkout's look: one column, hairlines, the total directly above the button. */
import { css } from "lit";

export const checkoutStyle = css`
  :host {
    display: block;
    max-inline-size: 34rem;
    margin-inline: auto;
  }
  form,
  .view {
    display: grid;
    gap: var(--space-5);
  }
  h1 {
    font-size: var(--text-xl);
  }
  h2 {
    font-size: var(--text-l);
    padding-block-end: var(--space-3);
  }
  .lines {
    list-style: none;
    margin: 0;
    padding: 0;
  }
  .lines li {
    display: grid;
    grid-template-columns: 3rem 1fr auto;
    gap: var(--space-3);
    align-items: center;
    padding-block: var(--space-2);
    border-block-end: var(--hairline);
  }
  .bad {
    color: var(--accent);
  }
  .grid {
    display: grid;
    grid-template-columns: 2fr 3fr;
    gap: var(--space-4);
  }
  .grid .all {
    grid-column: 1 / -1;
  }
  .known {
    display: flex;
    justify-content: space-between;
    align-items: center;
    gap: var(--space-3);
    font-size: var(--text-s);
    border-block: var(--hairline);
  }
  .known p {
    padding-block: var(--space-2);
  }
  .known button {
    text-decoration: underline;
    text-underline-offset: 0.2em;
  }
  fieldset {
    border: 0;
    margin: 0;
    padding: 0;
    min-inline-size: 0;
  }
  legend {
    padding: 0 0 var(--space-3);
    font-weight: 500;
  }
  .ways {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr));
    gap: var(--space-2);
  }
  .ways label {
    position: relative;
    display: grid;
    place-items: center;
    min-block-size: var(--touch);
    padding: var(--space-1) var(--space-2);
    border: 1px solid var(--line-strong);
    border-radius: var(--radius);
    font-size: var(--text-s);
    text-align: center;
    cursor: pointer;
  }
  .ways input {
    position: absolute;
    inset: 0;
    opacity: 0;
    margin: 0;
    cursor: pointer;
  }
  .ways label:has(:checked) {
    background: var(--ink);
    color: var(--paper);
    border-color: var(--ink);
  }
  .ways label:has(:focus-visible) {
    outline: 2px solid var(--focus);
    outline-offset: 3px;
  }
  .pay {
    display: grid;
    gap: var(--space-3);
  }
  .terms {
    font-size: var(--text-xs);
    color: var(--ink-soft);
  }
  .alert {
    padding: var(--space-3) var(--space-4);
    border-inline-start: 2px solid var(--accent-fill);
    background: var(--paper-sunken);
  }
  .receipt h1 {
    font-size: var(--text-2xl);
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-3);
  }
  progress {
    appearance: none;
    inline-size: 100%;
    block-size: 2px;
    border: 0;
    background: var(--line);
  }
  progress::-webkit-progress-bar {
    background: var(--line);
  }
  @media (prefers-reduced-motion: no-preference) {
    progress {
      animation: breathe 1.6s ease-in-out infinite alternate;
    }
  }
  @keyframes breathe {
    to {
      opacity: 0.35;
    }
  }
`;
