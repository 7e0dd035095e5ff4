/**
 * How the desk looks: grotesk, hairlines, tabular numbers, one accent that means "on". On a desk everything stands on
 * one screen and only lists scroll; on a phone the run of show comes first.
 */

import { css } from "lit";

import { base, buttons } from "./shared.js";

export const deskStyle = [
  base,
  buttons,
  css`
    :host {
      display: grid;
      grid-template-rows: auto auto auto minmax(0, 1fr);
      min-block-size: 100dvh;
    }
    h1,
    h2 {
      font: 600 var(--text-m) / 1.3 var(--sans);
    }
    .top {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: var(--space-3) var(--space-6);
      padding: var(--space-3) var(--space-5);
      border-block-end: var(--hairline);
    }
    .who {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: var(--space-1) var(--space-4);
    }
    select {
      font: inherit;
      font-weight: 600;
      color: var(--ink);
      background: var(--paper);
      border: 1px solid var(--line-strong);
      border-radius: var(--radius);
      min-block-size: var(--touch);
      padding-inline: var(--space-2);
    }
    .state {
      display: flex;
      align-items: center;
      gap: var(--space-2);
      white-space: nowrap;
    }
    .lamp {
      inline-size: 0.65rem;
      block-size: 0.65rem;
      border-radius: var(--radius-round);
      border: 2px solid var(--line-strong);
    }
    [data-state="live"] .lamp {
      background: var(--accent);
      border-color: var(--accent);
    }
    [data-state="pause"],
    [data-state="rehearsal"] {
      color: var(--accent);
    }
    [data-state="rehearsal"] .lamp {
      border-color: var(--accent);
    }
    .figures {
      display: flex;
      flex-wrap: wrap;
      gap: var(--space-2) var(--space-6);
      margin: 0 auto 0 0;
    }
    .figures div {
      display: grid;
      min-inline-size: 4.5rem;
    }
    dt {
      font-size: var(--text-xs);
      color: var(--ink-soft);
    }
    dd {
      margin: 0;
      font-size: var(--text-l);
      line-height: 1.2;
      white-space: nowrap;
    }
    [data-figure="ingest"][data-state="away"] dd {
      color: var(--accent);
    }
    .acts {
      display: flex;
      flex-wrap: wrap;
      gap: var(--space-2);
      align-items: center;
    }
    .acts .primary {
      min-block-size: var(--touch);
    }
    .ending {
      border-color: var(--accent);
      color: var(--accent);
    }
    .alarm .bare:hover {
      color: inherit;
    }
    .alarm {
      --focus: var(--on-accent);
      display: flex;
      justify-content: space-between;
      align-items: center;
      gap: var(--space-4);
      padding: var(--space-1) var(--space-5);
      background: var(--accent-fill);
      color: var(--on-accent);
    }
    main {
      grid-row: 4;
      display: grid;
      min-block-size: 0;
    }
    main > section {
      padding: var(--space-4) var(--space-5) var(--space-6);
      min-inline-size: 0;
      border-block-end: var(--hairline);
    }
    .rundown {
      order: -1;
    }
    .rundown h2 {
      padding-block-end: var(--space-3);
    }
    .keys-help {
      font-size: var(--text-s);
      padding-block-start: var(--space-3);
    }
    @media (hover: none) {
      .keys-help {
        display: none; /* nobody presses a key on a phone */
      }
    }
    .switches {
      display: grid;
      margin-block-start: var(--space-5);
      border-block-start: var(--hairline);
    }
    .switch {
      border: 0;
      border-block-end: var(--hairline);
      border-radius: 0;
      justify-content: start;
      text-align: start;
      gap: var(--space-3);
      padding: var(--space-3) 0;
    }
    .switch .label {
      display: grid;
      gap: 0.15rem;
    }
    small {
      font-size: var(--text-s);
      font-weight: 400;
      color: var(--ink-soft);
    }
    .track {
      flex: none;
      inline-size: 2.5rem;
      block-size: 1.4rem;
      border: 1px solid var(--line-strong);
      border-radius: var(--radius-round);
      padding: 2px;
    }
    .track::before {
      content: "";
      display: block;
      inline-size: 1rem;
      block-size: 1rem;
      border-radius: var(--radius-round);
      background: var(--line-strong);
      transition: translate var(--fast);
    }
    [aria-checked="true"] .track {
      background: var(--accent-fill);
      border-color: var(--accent-fill);
    }
    [aria-checked="true"] .track::before {
      background: var(--on-accent);
      translate: 1.1rem 0;
    }
    .tabs {
      display: flex;
      gap: var(--space-4);
      margin-block: var(--space-5) var(--space-2);
      border-block-end: var(--hairline);
    }
    .tabs button {
      border: 0;
      border-block-end: 2px solid transparent;
      border-radius: 0;
      padding-inline: 0;
      color: var(--ink-soft);
    }
    .tabs button[aria-pressed="true"] {
      color: var(--ink);
      border-block-end-color: var(--accent);
    }
    .toast {
      position: fixed;
      inset-block-end: var(--space-5);
      inset-inline: 0;
      margin-inline: auto;
      inline-size: fit-content;
      max-inline-size: calc(100vw - 2 * var(--space-4));
      display: flex;
      align-items: center;
      gap: var(--space-4);
      padding: var(--space-2) var(--space-2) var(--space-2) var(--space-4);
      background: var(--ink);
      color: var(--paper);
      box-shadow: var(--shade);
      z-index: 3;
    }
    .toast button {
      border-color: var(--paper);
    }
    .toast button:focus-visible {
      outline-color: var(--paper);
      outline-offset: -5px;
    }
    .toast .tabular {
      min-inline-size: 1ch;
    }
    kbd {
      font: inherit;
      opacity: 0.8;
    }
    dialog {
      border: 0;
      padding: var(--space-6);
      max-inline-size: min(28rem, 100vw - 2 * var(--space-4));
      background: var(--paper);
      color: var(--ink);
      box-shadow: var(--shade);
    }
    dialog::backdrop {
      background: rgb(12 11 10 / 60%);
    }
    dialog p {
      padding-block: var(--space-3) var(--space-5);
    }
    @media (min-width: 80rem) {
      :host {
        block-size: 100dvh;
        overflow: hidden;
      }
      main {
        grid-template-columns: 21rem minmax(0, 1fr) 23rem;
      }
      main > .chat {
        grid-column: 2;
      }
      main > section {
        overflow-y: auto;
        border-block-end: 0;
      }
      .rundown {
        order: 0;
        border-inline: var(--hairline);
      }
      .side {
        display: grid;
        grid-template-rows: auto auto minmax(12rem, 1fr);
      }
    }
  `,
];
