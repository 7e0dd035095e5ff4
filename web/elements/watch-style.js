/** The watch page on a phone: the show fills the screen and the looks slide over it. watch-desk-style.js puts them beside it. */
import { css } from "lit";

export const watchStyle = css`
  :host {
    display: block;
    --rail: clamp(21rem, 30vw, 28rem);
  }
  .theatre {
    position: sticky;
    inset-block-start: 0;
    block-size: 100dvh;
    overflow: hidden;
    background: var(--paper);
    color: var(--ink);
    isolation: isolate;
  }
  ls-player {
    position: absolute;
    inset: 0;
  }
  .shade {
    position: absolute;
    inset: 0;
    pointer-events: none;
    background: linear-gradient(rgb(12 11 10 / 72%), transparent 9rem, transparent calc(100% - 15rem), rgb(12 11 10 / 82%));
  }
  header {
    position: absolute;
    inset: 0 0 auto;
    padding: max(var(--space-2), env(safe-area-inset-top)) var(--space-2) 0 var(--space-4);
    display: grid;
    grid-template-columns: auto 1fr auto;
    align-items: center;
    gap: 0 var(--space-4);
  }
  .mark {
    font: 400 1.25rem / 1 var(--serif);
    letter-spacing: -0.01em;
    text-decoration: none;
  }
  h1 {
    grid-column: 1 / -1;
    font-size: var(--text-l);
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
    padding-block-end: 0.1em;
  }
  .facts {
    display: flex;
    align-items: center;
    gap: var(--space-3);
    min-block-size: 1.5rem;
    font-size: var(--text-s);
  }
  .live {
    background: var(--accent-fill);
    color: var(--on-accent);
    padding: 0.1rem 0.5rem;
    line-height: 1.4;
  }
  .bag {
    position: relative;
    border-color: transparent;
  }
  .bag .count {
    position: absolute;
    inset-block-start: 0.2rem;
    inset-inline-end: 0.1rem;
    min-inline-size: 1.15rem;
    padding-inline: 0.2rem;
    line-height: 1.15rem;
    border-radius: var(--radius-round);
    background: var(--accent-fill);
    color: var(--on-accent);
    font-size: 0.6875rem;
    text-align: center;
  }
  .low {
    position: absolute;
    inset: auto 0 0;
    padding: 0 var(--space-4) max(var(--space-3), env(safe-area-inset-bottom));
    display: grid;
    gap: var(--space-2);
    pointer-events: none;
  }
  .low > * {
    pointer-events: auto;
  }
  .lines {
    display: grid;
    gap: var(--space-1);
    font-size: var(--text-s);
    line-height: 1.35;
    max-inline-size: 75%;
    pointer-events: none;
    text-shadow: 0 1px 3px rgb(12 11 10 / 70%);
  }
  .lines p {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .lines b {
    font-weight: 500;
    color: var(--ink-soft);
    margin-inline-end: 0.4em;
  }
  .pills {
    display: flex;
    gap: var(--space-2);
  }
  .bar {
    display: flex;
    align-items: center;
    gap: var(--space-2);
  }
  .bar .looks {
    margin-inline-end: auto;
    background: var(--ink);
    color: var(--paper);
    border-color: var(--ink);
    white-space: nowrap;
    padding-inline: var(--space-4);
  }
  .bar .round,
  .sound {
    background: rgb(12 11 10 / 55%);
    border-color: rgb(247 243 236 / 35%);
  }
  .react {
    position: relative;
  }
  .tally {
    position: absolute;
    inset: auto 0 100%;
    text-align: center;
    font-size: 0.6875rem;
    line-height: 1.5;
    font-weight: 400;
    text-shadow: 0 1px 3px rgb(12 11 10 / 70%);
  }
  .sound {
    justify-self: start;
    border-radius: var(--radius-round);
    background: var(--ink);
    color: var(--paper);
    border-color: var(--ink);
  }
  .desk {
    display: none;
  }
  .rail {
    position: relative;
    z-index: 1;
    background: var(--paper);
    color: var(--ink);
    padding: var(--space-6) var(--space-4) var(--space-7);
    display: grid;
    gap: var(--space-5);
  }
  .rail > .heading {
    display: flex;
    align-items: baseline;
    justify-content: space-between;
    gap: var(--space-4);
  }
  .sheet {
    position: fixed;
    inset: auto 0 0;
    z-index: 3;
    block-size: 66dvh;
    overflow-y: auto;
    overscroll-behavior: contain;
    background: var(--paper);
    color: var(--ink);
    --end: max(var(--space-5), env(safe-area-inset-bottom));
    padding: 0 var(--space-4) var(--end);
    box-shadow: var(--shade);
    animation: rise var(--slow) var(--ease);
  }
  .sheet .bow {
    position: sticky;
    inset-block-start: 0;
    z-index: 1;
    display: flex;
    justify-content: space-between;
    align-items: center;
    margin-inline: -0.75rem;
    padding-block: var(--space-1);
    background: var(--paper);
  }
  .bow .round {
    border-color: transparent;
  }
  .sheet:focus {
    outline: none;
  }
  .sheet ls-chat {
    block-size: 48dvh;
  }
  @keyframes rise {
    from {
      transform: translateY(2rem);
      opacity: 0;
    }
  }
  /* The show goes on above whatever is read: the picture moves up into what is left of the screen. */
  .theatre.small ls-player {
    inset-block-end: calc(66dvh - 1px);
  }
  .theatre.small :is(.low, .shade, h1, .facts) {
    visibility: hidden;
  }
  .theatre.small.paying ls-player {
    inset: max(var(--space-2), env(safe-area-inset-top)) auto auto 50%;
    transform: translateX(-50%);
    block-size: 18dvh;
    inline-size: calc(18dvh * 9 / 16);
  }
  .sheet.paying {
    block-size: 80dvh;
  }
  .legal {
    font-size: var(--text-s);
    color: var(--ink-soft);
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-2) var(--space-4);
    padding-block-start: var(--space-5);
    border-block-start: var(--hairline);
  }
`;
