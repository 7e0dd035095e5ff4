/** The watch page on a desk: words left, the picture in the middle, the shop on the right. */
import { css } from "lit";

export const watchDeskStyle = css`
  @media (min-width: 60rem) {
    :host {
      display: grid;
      grid-template-columns: minmax(0, 1fr) var(--rail);
      block-size: 100dvh;
    }
    .theatre {
      position: relative;
    }
    ls-player {
      inset: 0 0 0;
    }
    .shade {
      background: linear-gradient(90deg, rgb(12 11 10 / 80%), transparent 28rem);
    }
    header {
      inset: 0 auto auto 0;
      inline-size: min(27rem, 44%);
      padding: var(--space-6) 0 0 var(--space-6);
      grid-template-columns: 1fr;
      gap: var(--space-4);
    }
    .mark {
      font-size: 1.5rem;
    }
    h1 {
      font-size: var(--text-2xl);
      white-space: normal;
      overflow: visible;
    }
    .low {
      inset: auto auto 0 0;
      inline-size: min(25rem, 42%);
      padding: 0 0 var(--space-6) var(--space-6);
      gap: var(--space-4);
    }
    .lines,
    .bar .looks,
    .bar .chat {
      display: none;
    }
    .desk {
      display: block;
    }
    ls-chat.desk {
      display: grid;
      block-size: min(34dvh, 22rem);
    }
    button.desk {
      display: inline-flex;
    }
    .rail {
      position: relative;
      overflow-y: auto;
      padding: var(--space-4) var(--space-6) var(--space-6);
      align-content: start;
    }
    .rail.covered {
      visibility: hidden;
    }
    .sheet,
    .sheet.paying {
      position: relative;
      grid-area: 1 / 2;
      inset: auto;
      block-size: 100dvh;
      --end: var(--space-6);
      padding: 0 var(--space-6) var(--end);
      box-shadow: none;
    }
    .rail {
      grid-area: 1 / 2;
    }
    .theatre {
      grid-area: 1 / 1;
    }
    .sheet .bow {
      padding-block: var(--space-3);
    }
    .theatre.small ls-player,
    .theatre.small.paying ls-player {
      inset: 0;
      transform: none;
      block-size: auto;
      inline-size: auto;
    }
    .theatre.small :is(.low, .shade, h1, .facts) {
      visibility: visible;
    }
    .notice {
      inset-block-start: var(--space-5);
    }
    /* Over the picture, which stands beside the words. */
    .veil {
      padding-inline-start: calc(min(27rem, 44%) + var(--gutter));
    }
    .loading {
      inset-inline-start: calc(50% + min(27rem, 44%) / 2);
    }
  }
`;
