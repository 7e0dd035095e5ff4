/** How snapshots look: a strip of thumbnails on the mirror, a quiet sheet of paper when one is opened. */

import { css } from "lit";

import { base, buttons } from "./shared.js";

export const snapshotStyle = [
  base,
  buttons,
  css`
    ul {
      --focus: #f7f3ec;
      display: flex;
      flex-direction: column;
      gap: var(--space-2);
      list-style: none;
      margin: 0;
      padding: 0;
      align-items: end;
    }
    .thumb {
      inline-size: 3rem;
      block-size: 3.75rem;
      min-block-size: 0;
      padding: 0;
      border: 1px solid rgb(247 243 236 / 70%);
      overflow: hidden;
      background: #0c0b0a;
    }
    .thumb img {
      inline-size: 100%;
      block-size: 100%;
      object-fit: cover;
    }
    ul li:nth-child(n + 4):not(:last-child) {
      display: none;
    }
    .compare {
      background: rgb(12 11 10 / 78%);
      border-color: transparent;
      color: #f7f3ec;
      font-size: var(--text-s);
      padding-inline: var(--space-3);
    }
    dialog {
      inline-size: min(60rem, 100vw - 2 * var(--space-3));
      max-block-size: calc(100dvh - 2 * var(--space-3));
      max-inline-size: none;
      padding: 0 var(--space-4) var(--space-4);
      border: 0;
      background: var(--paper);
      color: var(--ink);
      box-shadow: var(--shade);
      overflow: auto;
    }
    dialog::backdrop {
      background: rgb(12 11 10 / 72%);
    }
    header {
      position: sticky;
      inset-block-start: 0;
      z-index: 1;
      display: flex;
      justify-content: space-between;
      align-items: center;
      padding-block: var(--space-3);
      background: var(--paper);
    }
    .pictures {
      display: grid;
      gap: var(--space-2);
      justify-items: center;
    }
    .pictures.two {
      grid-template-columns: 1fr 1fr;
    }
    figure {
      margin: 0;
      display: grid;
      gap: var(--space-2);
      align-content: start;
      inline-size: 100%;
    }
    figure img {
      inline-size: 100%;
      max-block-size: 62dvh;
      object-fit: contain;
      background: var(--photo);
    }
    .two figure img {
      aspect-ratio: 3 / 4;
      object-fit: cover;
    }
    figcaption {
      font-size: var(--text-s);
    }
    .acts,
    .choice {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: var(--space-2);
    }
    .acts {
      font-size: var(--text-s);
    }
    .choice {
      padding-block: var(--space-4) var(--space-3);
    }
    .choice .thumb {
      border: 2px solid transparent;
    }
    .choice .thumb[aria-pressed="true"] {
      border-color: var(--accent);
    }
    p {
      font-size: var(--text-s);
      padding-block-start: var(--space-3);
    }
  `,
];
