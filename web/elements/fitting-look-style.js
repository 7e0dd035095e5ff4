/** How the worn pieces look: rows on hairlines. */

import { css } from "lit";

import { base, buttons } from "./shared.js";

export const lookStyle = [
  base,
  buttons,
  css`
    :host {
      display: block;
    }
    ul {
      list-style: none;
      margin: 0;
      padding: 0;
    }
    li {
      display: grid;
      grid-template-columns: 3.25rem minmax(0, 1fr) auto auto;
      align-items: center;
      gap: var(--space-3);
      padding-block: var(--space-3);
      border-block-end: var(--hairline);
    }
    img {
      inline-size: 100%;
      aspect-ratio: 4 / 5;
      object-fit: contain;
      padding: 8%;
      background: var(--photo);
    }
    .what {
      display: grid;
      gap: 0.1rem;
      font-size: var(--text-s);
    }
    .title {
      font-size: var(--text-m);
      line-height: 1.25;
    }
    .advice b {
      font-weight: 600;
    }
    select {
      font: inherit;
      color: var(--ink);
      background: var(--paper);
      border: 1px solid var(--line-strong);
      border-radius: var(--radius);
      min-block-size: var(--touch);
      max-inline-size: 7rem;
      padding-inline: var(--space-2);
    }
    select[aria-invalid="true"] {
      border-color: var(--accent);
      box-shadow: 0 0 0 1px var(--accent);
    }
    .gone {
      font-size: var(--text-s);
    }
    .empty {
      padding-block: var(--space-4);
    }
    details {
      padding-block: var(--space-3);
    }
    summary {
      min-block-size: var(--touch);
      align-content: center;
      cursor: pointer;
    }
    .measures {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(7.5rem, 1fr));
      gap: var(--space-4);
      margin-block-start: var(--space-4);
    }
    .measures label {
      display: grid;
      gap: var(--space-1);
      font-size: var(--text-s);
      color: var(--ink-soft);
    }
    .unit {
      display: flex;
      align-items: baseline;
      gap: var(--space-1);
      border-block-end: 1px solid var(--line-strong);
    }
    .unit:focus-within {
      border-block-end-color: var(--ink);
      box-shadow: 0 1px 0 var(--ink);
    }
    .unit input {
      font: inherit;
      font-size: var(--text-m);
      color: var(--ink);
      background: none;
      border: 0;
      outline: none;
      min-block-size: var(--touch);
      inline-size: 100%;
      font-variant-numeric: tabular-nums;
    }
  `,
];
