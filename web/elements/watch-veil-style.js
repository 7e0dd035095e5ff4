/** What lies on the picture while there is none to see: the veil of a state, the word that it is loading, the lost connection. */
import { css } from "lit";

export const watchVeilStyle = css`
  .veil {
    position: absolute;
    inset: 0;
    display: grid;
    align-content: center;
    justify-items: center;
    gap: var(--space-3);
    padding: var(--space-6) var(--gutter);
    text-align: center;
    background: rgb(12 11 10 / 72%);
  }
  .veil h2 {
    font-size: var(--text-2xl);
  }
  .veil p {
    max-inline-size: 26rem;
    color: var(--ink-soft);
  }
  .veil .when {
    color: var(--ink);
  }
  /* A short wait is nobody's concern: what is invisible is not read out either. */
  .loading {
    position: absolute;
    inset: 50% auto auto 50%;
    translate: -50% -50%;
    display: flex;
    align-items: center;
    gap: var(--space-3);
    padding: var(--space-2) var(--space-4);
    border-radius: var(--radius-round);
    background: rgb(12 11 10 / 72%);
    white-space: nowrap;
    pointer-events: none;
    animation: come 0s 700ms backwards;
  }
  .loading::before {
    content: "";
    inline-size: 1.25rem;
    block-size: 1.25rem;
    border: 2px solid rgb(247 243 236 / 35%);
    border-block-start-color: var(--ink);
    border-radius: var(--radius-round);
  }
  @media (prefers-reduced-motion: no-preference) {
    .loading::before {
      animation: turn 1s linear infinite;
    }
  }
  @keyframes come {
    from {
      visibility: hidden;
    }
  }
  @keyframes turn {
    to {
      transform: rotate(1turn);
    }
  }
  .notice {
    position: absolute;
    inset-block-start: 7rem;
    inset-inline: var(--space-4);
    justify-self: center;
    margin-inline: auto;
    inline-size: fit-content;
    max-inline-size: calc(100% - 2rem);
    display: flex;
    align-items: center;
    gap: var(--space-2);
    padding: var(--space-2) var(--space-4);
    background: var(--ink);
    color: var(--paper);
    font-size: var(--text-s);
  }
`;
