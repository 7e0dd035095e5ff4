/** How the mirror looks: always on a dark ground, in the room and beside the stream alike. */

import { css } from "lit";

import { base, buttons } from "./shared.js";

export const mirrorStyle = [
  base,
  buttons,
  css`
    :host {
      --ink: #f7f3ec;
      --ink-soft: #b0a79b;
      --line-strong: #857c70;
      --focus: #f7f3ec;
      color-scheme: dark;
      display: block;
      aspect-ratio: 4 / 3;
      background: #0c0b0a;
      color: var(--ink);
      overflow: hidden;
      container: mirror / size;
    }
    .stage,
    .veil {
      position: relative;
      block-size: 100%;
      inline-size: 100%;
    }
    video,
    canvas {
      position: absolute;
      inset: 0;
      inline-size: 100%;
      block-size: 100%;
      object-fit: var(--mirror-fit, cover);
    }
    .flip {
      transform: scaleX(-1);
    }
    canvas.hidden {
      visibility: hidden;
    }
    .veil {
      display: grid;
      place-items: center;
      overflow: auto;
      padding: var(--space-5);
      background: radial-gradient(120% 90% at 50% 20%, rgb(46 42 38 / 88%), rgb(12 11 10 / 94%));
    }
    .card {
      max-inline-size: 27rem;
      display: grid;
      gap: var(--space-3);
      text-align: center;
      justify-items: center;
    }
    .card h2 {
      font-size: var(--text-xl);
    }
    .card p {
      color: #d6cec2;
      line-height: var(--leading);
    }
    .actions {
      display: flex;
      flex-wrap: wrap;
      justify-content: center;
      gap: var(--space-3);
      margin-block-start: var(--space-3);
    }
    .actions button {
      min-block-size: 3.25rem;
      padding-inline: var(--space-5);
    }
    .hint {
      position: absolute;
      inset-block-end: var(--mirror-hint-end, var(--space-4));
      inset-inline: var(--space-4);
      margin-inline: auto;
      inline-size: fit-content;
      max-inline-size: 30rem;
      padding: var(--space-2) var(--space-4);
      border-radius: var(--radius-round);
      background: rgb(12 11 10 / 78%);
      text-align: center;
    }
    .hint.busy::before {
      content: "";
      display: inline-block;
      inline-size: 0.5em;
      block-size: 0.5em;
      margin-inline-end: 0.7em;
      border-radius: var(--radius-round);
      background: currentColor;
      animation: breathe 1.6s ease-in-out infinite;
    }
    @keyframes breathe {
      50% {
        opacity: 0.25;
      }
    }
    .silhouette {
      position: absolute;
      inset-block: 12% 0;
      inset-inline: 0;
      margin: 0 auto;
      block-size: 88%;
      fill: none;
      stroke: rgb(247 243 236 / 80%);
      stroke-width: 1.4;
      stroke-dasharray: 5 5;
      stroke-linecap: round;
    }
    .told {
      position: absolute;
      inline-size: 1px;
      block-size: 1px;
      overflow: hidden;
      clip-path: inset(50%);
      white-space: nowrap;
    }
    @container mirror (max-height: 330px) {
      .veil {
        padding: var(--space-3);
      }
      .card {
        gap: var(--space-2);
      }
      .card h2 {
        font-size: var(--text-l);
      }
      .card p {
        font-size: var(--text-s);
      }
      .actions {
        gap: var(--space-2);
        margin-block-start: var(--space-1);
      }
      .actions button {
        min-block-size: var(--touch);
        padding-inline: var(--space-4);
        font-size: var(--text-s);
      }
      .hint {
        font-size: var(--text-s);
      }
    }
    @media (prefers-reduced-motion: reduce) {
      .hint.busy::before {
        animation: none;
      }
    }
  `,
];
