/** How the picture's panel looks. */

import { css } from "lit";

import { base, buttons, fields } from "./shared.js";

export const airStyle = [
  base,
  buttons,
  fields,
  css`
    :host {
      display: grid;
      gap: var(--space-3);
    }
    .frame {
      position: relative;
      aspect-ratio: 16 / 9;
      display: grid;
      place-items: center;
      background: #0c0b0a;
      color: #b0a79b;
      text-align: center;
      padding: var(--space-3);
      overflow: hidden;
    }
    video,
    ls-player {
      position: absolute;
      inset: 0;
      inline-size: 100%;
      block-size: 100%;
      object-fit: contain;
    }
    ls-player {
      background: none;
    }
    /* A show for phones: the frame gets taller, the picture keeps its shape in the middle. */
    .frame.upright {
      aspect-ratio: 1;
    }
    .upright ls-player {
      inline-size: auto;
      aspect-ratio: 9 / 16;
      margin-inline: auto;
    }
    .badge {
      position: absolute;
      inset-block-start: var(--space-2);
      inset-inline-start: var(--space-2);
      padding: 0.1rem var(--space-2);
      background: rgb(12 11 10 / 82%);
      color: #f7f3ec;
      font-size: var(--text-s);
    }
    .badge[data-air="live"] {
      background: var(--accent-fill);
      color: var(--on-accent);
    }
    .ways {
      display: grid;
      grid-template-columns: 1fr 1fr;
    }
    .ways button {
      border-color: var(--line);
      color: var(--ink-soft);
    }
    .ways button[aria-pressed="true"] {
      border-color: var(--line-strong);
      color: var(--ink);
      background: var(--paper-raised);
    }
    .acts {
      display: flex;
      flex-wrap: wrap;
      gap: var(--space-2);
    }
    .acts .primary,
    .acts .stop {
      flex: 1 1 100%;
    }
    .stop {
      border-color: var(--accent);
      color: var(--accent);
    }
    .paste {
      grid-template-columns: minmax(0, 1fr) auto;
      align-items: end;
    }
    .paste label {
      grid-column: 1 / -1;
    }
    .small {
      font-size: var(--text-s);
    }
    .problem {
      color: var(--accent);
    }
    .problem:empty {
      display: none;
    }
  `,
];
