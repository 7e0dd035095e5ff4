/** What a host reads of drawn drops: which there were, and whether the moment of asking decided who won. */

/** One screenful; who wants more recomputes older draws from the API. */
export const SHOWN = 6;

/**
 * @typedef {{id: string, sku?: string, variant?: string, seed?: string, opens_at_ms: number}} Drop as the host's API tells it
 * @typedef {{from_ms: number, entered: number, won: number}} Part
 * @typedef {{drop: string, entered: number, won: number, parts: Part[], chi_square: number, uneven_above: number,
 *   after_draw: number, per_customer: number, most_by_one: number}} Report
 */

/**
 * Those whose draw has taken place, the newest first.
 * @param {readonly Drop[]} drops
 */
export function drawn(drops) {
  return drops
    .filter((drop) => drop.seed)
    .sort((a, b) => b.opens_at_ms - a.opens_at_ms)
    .slice(0, SHOWN);
}

/**
 * Whether winning did not depend on the moment of asking, as far as numbers can tell.
 * @param {Report} report
 */
export function even(report) {
  return report.chi_square <= report.uneven_above;
}

/**
 * The parts of the opening window as a host reads them: when each began, in whole tenths of a second.
 * @param {Report} report
 */
export function parts(report) {
  return report.parts.map((part) => ({ ...part, from: Math.round(part.from_ms / 100) / 10 }));
}
