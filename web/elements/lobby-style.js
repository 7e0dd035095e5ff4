/** The lobby: the running show large, everything else below on hairlines. */
import { css } from "lit";

export const lobbyStyle = css`
  :host {
    display: grid;
    gap: var(--space-8);
  }
  .show {
    display: grid;
    gap: var(--space-5);
    align-items: end;
  }
  .picture {
    display: block;
    position: relative;
    aspect-ratio: 4 / 5;
    overflow: hidden;
  }
  .picture:not(.photo) {
    background: #0c0b0a;
  }
  ls-player {
    position: absolute;
    inset: 0;
  }
  .words {
    display: grid;
    gap: var(--space-4);
    justify-items: start;
  }
  h1 {
    font-size: var(--text-3xl);
  }
  .state {
    display: inline-flex;
    align-items: center;
    gap: var(--space-2);
  }
  .state.live {
    color: var(--accent);
  }
  .state.live::before {
    content: "";
    inline-size: 0.5rem;
    block-size: 0.5rem;
    border-radius: 50%;
    background: var(--accent-fill);
  }
  .lead {
    font-size: var(--text-l);
    max-inline-size: 28rem;
    color: var(--ink-soft);
  }
  h2 {
    padding-block-end: var(--space-5);
  }
  .room {
    border-block: var(--hairline);
    padding-block: var(--space-7);
  }
  .room h2 {
    font-size: var(--text-2xl);
    padding-block-end: var(--space-3);
  }
  .others {
    list-style: none;
    margin: 0;
    padding: 0;
  }
  .others a {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    align-items: baseline;
    gap: var(--space-2) var(--space-5);
    padding-block: var(--space-4);
    border-block-start: var(--hairline);
    text-decoration: none;
  }
  .others a:hover {
    color: var(--accent);
  }
  .others strong {
    font: 400 var(--text-xl) / var(--tight) var(--serif);
  }
  ls-product-list {
    --card: 13rem;
  }
  @media (min-width: 52rem) {
    .show {
      grid-template-columns: minmax(0, 5fr) minmax(0, 7fr);
      gap: var(--space-8);
    }
    .picture {
      aspect-ratio: auto;
      block-size: min(70dvh, 46rem);
    }
  }
`;
