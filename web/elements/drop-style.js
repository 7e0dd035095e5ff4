/** A drop's card: picture left, words and the one action right. */
import { css } from "lit";

export const dropStyle = css`
  :host {
    display: block;
  }
  article {
    display: grid;
    grid-template-columns: 5rem 1fr;
    gap: var(--space-3) var(--space-4);
    padding: var(--space-3);
    background: var(--paper-raised);
    color: var(--ink);
    border-block-start: 2px solid var(--accent-fill);
    min-block-size: 8.25rem;
    align-items: center;
  }
  .photo {
    align-self: start;
  }
  .veil {
    background: var(--ink);
    color: var(--paper);
    display: grid;
    place-items: center;
    font: 400 2rem / 1 var(--serif);
  }
  .words {
    display: grid;
    gap: var(--space-1);
    min-inline-size: 0;
  }
  .label {
    color: var(--accent);
    display: flex;
    gap: var(--space-3);
    justify-content: space-between;
  }
  h2 {
    font-size: var(--text-l);
  }
  /* A line breaks between the facts only, and the point before the first of a line is cut off. */
  .facts {
    --point: 0.9em;
    display: flex;
    flex-wrap: wrap;
    margin-inline-start: calc(-1 * var(--point));
    clip-path: inset(0 0 0 var(--point));
  }
  .facts span::before {
    content: "·";
    display: inline-block;
    inline-size: var(--point);
    text-align: center;
  }
  .count {
    font: 400 1.75rem / 1.1 var(--serif);
    color: var(--ink);
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: var(--space-2) var(--space-3);
    min-block-size: var(--touch);
  }
  .row .primary {
    min-block-size: var(--touch);
    flex: 1;
    min-inline-size: 8rem;
  }
  .says {
    grid-column: 1 / -1;
    font-size: var(--text-s);
  }
  progress {
    appearance: none;
    inline-size: 100%;
    block-size: 2px;
    border: 0;
    background: var(--line);
  }
  progress::-webkit-progress-value,
  progress::-webkit-progress-bar {
    background: var(--line);
  }
  progress::-webkit-progress-value {
    background: var(--accent-fill);
  }
  progress::-moz-progress-bar {
    background: var(--accent-fill);
  }
`;
