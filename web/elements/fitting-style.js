/**
 * How the fitting room looks. On a phone the mirror and the rail fill the first screen; on a desk the mirror stands on
 * the left and everything that is read or bought lies on the right.
 */

import { css } from "lit";

import { base, buttons } from "./shared.js";

export const fittingStyle = [
  base,
  buttons,
  css`
    :host {
      display: block;
    }
    .room {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
    }
    .glass {
      position: relative;
      touch-action: pan-y;
      user-select: none;
    }
    laufsteg-mirror {
      inline-size: 100%;
      aspect-ratio: auto;
      /* What the first screen leaves beside header, rail and bar. */
      block-size: max(20rem, calc(100dvh - var(--room-beside, 21.9rem)));
      --mirror-hint-end: 6.25rem;
    }
    .over button {
      color: #f7f3ec;
      background: rgb(12 11 10 / 62%);
      border-color: transparent;
    }
    .over button:hover {
      background: rgb(12 11 10 / 88%);
    }
    .over button[aria-pressed="true"] {
      border-color: rgb(247 243 236 / 70%);
    }
    .turn {
      position: absolute;
      inset-block-start: calc(50% - var(--touch) / 2);
    }
    .before {
      inset-inline-start: var(--space-3);
    }
    .after {
      inset-inline-end: var(--space-3);
    }
    .controls {
      position: absolute;
      inset-inline: 0;
      inset-block-end: var(--space-4);
      display: grid;
      grid-template-columns: repeat(5, auto);
      justify-content: center;
      align-items: center;
      gap: var(--space-4);
    }
    .over .shutter {
      inline-size: 4rem;
      block-size: 4rem;
      background: #f7f3ec;
      border: 4px solid rgb(12 11 10 / 62%);
      box-shadow: 0 0 0 2px #f7f3ec;
    }
    .over .shutter:hover {
      background: #ffffff;
    }
    .over .shutter:disabled {
      opacity: 0.45;
    }
    .controls > span {
      inline-size: var(--touch);
    }
    ls-snapshots {
      position: absolute;
      inset-block-start: var(--space-3);
      inset-inline-end: var(--space-3);
    }
    .count {
      position: absolute;
      inset: 0;
      display: grid;
      place-items: center;
      font: 400 clamp(7rem, 30vw, 14rem) / 1 var(--serif);
      color: #f7f3ec;
      text-shadow: 0 0 40px rgb(12 11 10 / 70%);
      pointer-events: none;
    }
    .rail {
      padding-block: var(--space-2) var(--space-3);
      min-block-size: 14rem;
    }
    .message {
      display: grid;
      gap: var(--space-2);
      justify-items: start;
      padding: var(--space-4) var(--gutter);
    }
    .ghosts {
      display: flex;
      gap: var(--space-2);
      overflow: hidden;
      padding: 3rem var(--gutter) 0;
    }
    .ghosts span {
      flex: none;
      inline-size: 5.75rem;
      aspect-ratio: 4 / 5;
      background: var(--photo);
      opacity: 0.6;
    }
    .look {
      padding: var(--space-5) var(--gutter) calc(var(--space-8) + env(safe-area-inset-bottom));
      border-block-start: var(--hairline);
    }
    .look header {
      display: flex;
      justify-content: space-between;
      align-items: center;
      gap: var(--space-3);
    }
    .look header button[aria-pressed="true"] {
      border-color: var(--accent);
      color: var(--accent);
    }
    .second {
      margin-block: var(--space-6) var(--space-3);
      font-size: var(--text-l);
    }
    .small {
      font-size: var(--text-s);
    }
    .shelf {
      list-style: none;
      margin: 0;
      padding: 0;
    }
    .shelf li {
      display: flex;
      justify-content: space-between;
      align-items: center;
      border-block-end: var(--hairline);
      padding-block: var(--space-2);
    }
    .saved {
      border: 0;
      padding: 0;
      gap: 2px;
    }
    .saved img {
      inline-size: 3.25rem;
      aspect-ratio: 4 / 5;
      object-fit: contain;
      padding: 6%;
      background: var(--photo);
    }
    .bar {
      position: sticky;
      inset-block-end: 0;
      z-index: 2;
      display: grid;
      grid-template-columns: auto 1fr;
      align-items: center;
      gap: 0 var(--space-4);
      padding: var(--space-2) var(--gutter) calc(var(--space-2) + env(safe-area-inset-bottom));
      background: var(--paper);
      border-block-start: var(--hairline);
    }
    .bar p {
      display: grid;
    }
    .bar .primary {
      text-wrap: balance;
    }
    .bar .soft {
      font-size: var(--text-xs);
    }
    .total {
      font-size: var(--text-l);
      min-inline-size: 5.5rem;
    }
    .bar .told {
      grid-column: 1 / -1;
      display: flex;
      flex-wrap: wrap;
      justify-content: space-between;
      gap: 0 var(--space-4);
      padding-block: var(--space-2);
      font-size: var(--text-s);
    }
    @media (min-width: 60rem) {
      .room {
        grid-template-columns: minmax(0, 1.45fr) minmax(24rem, 1fr);
        grid-template-rows: auto auto 1fr;
        align-items: start;
      }
      .glass {
        grid-row: 1 / 4;
        position: sticky;
        inset-block-start: 0;
      }
      laufsteg-mirror {
        block-size: calc(100dvh - var(--room-header, 4rem));
      }
      .rail {
        padding: var(--space-4) var(--gutter);
      }
      .look {
        grid-column: 2;
        padding-block-end: var(--space-6);
      }
      .bar {
        grid-column: 2;
      }
      .turn {
        inset-inline: auto;
      }
      .before {
        inset-inline-start: var(--space-5);
      }
      .after {
        inset-inline-end: var(--space-5);
      }
    }
  `,
];
