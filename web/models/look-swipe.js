/** Whether a finger's or mouse's way over the mirror was a swipe, and to which side. */

/** Shorter ways are taps with an unsteady hand. */
export const SWIPE_PX = 48;

/** A swipe is across, not down: the page scrolls downward. */
const SLOPE = 1.6;

/**
 * @param {{x: number, y: number}} from
 * @param {{x: number, y: number}} to
 * @returns {-1 | 0 | 1} 1: to the next garment (the finger went left), 0: no swipe
 */
export function swipe(from, to) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  if (Math.abs(dx) < SWIPE_PX || Math.abs(dx) < SLOPE * Math.abs(dy)) return 0;
  return dx < 0 ? 1 : -1;
}
