/** Which state of the show a viewer sees: the word is faster than the picture, so it waits for it. Pure. */

/** @typedef {"before" | "live" | "pause" | "after"} ShowState */

/** A word that belongs to a frame this near is taken at once. */
const NEAR_MS = 250;

/**
 * @param {ShowState} state the server's last word
 * @param {number | null} since media time at which it began
 * @param {number | null} picture media time of the picture on the screen
 * @param {boolean} moving whether the picture advances
 * @returns {ShowState}
 */
export function seen(state, since, picture, moving) {
  const ahead = since !== null && picture !== null && picture < since - NEAR_MS;
  if ((state === "pause" || state === "after") && ahead && moving) return "live";
  return state;
}
