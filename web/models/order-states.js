/** An order's states, as far as a page waits for them. */

/** The states that will change by themselves. */
export const UNFINISHED = ["pending", "action-required"];
/** The server asks not to be asked more often. */
export const POLL_MS = 1000;
