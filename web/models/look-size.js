/**
 * Which sizes to take, as a range with its reason, or an honest "can't tell". A size chart's numbers are measured on
 * the garment; a body plus the ease of its cut has to fit into them. All lengths are centimetres.
 */

/** Nobody outside of these was measured; typing slips are. */
export const HEIGHT_CM = { least: 120, most: 220 };

/** A tape is held tighter or looser by about this much. */
const TAPE_CM = 0.5;

/** A range over more sizes than this helps nobody. */
const RANGE_LIMIT = 3;

/**
 * Girths per body height, half a standard deviation to both sides of the mean, women and men
 * together: an average build, and the page says so. Source: the
 * means and deviations of the ANSUR II survey (2012, public domain).
 * @type {Record<string, readonly [number, number]>}
 */
const BUILD = { chest: [0.567, 0.617], waist: [0.5, 0.565], hip: [0.58, 0.63] };

/**
 * By how much a garment is wider than its wearer, least and most, for each kind of garment and girth.
 * @type {Record<string, Record<string, readonly [number, number]>>}
 */
const EASE = {
  top: { chest: [2, 10] },
  outer: { chest: [8, 18] },
  dress: { chest: [0, 6], waist: [0, 6], hip: [0, 8] },
  bottom: { waist: [-1, 3], hip: [0, 8] },
  hat: { head: [-0.5, 1.25] },
};

/**
 * @typedef {{height?: number, chest?: number, waist?: number, hip?: number, head?: number}} Body
 * @typedef {Record<string, Record<string, number>>} Chart size -> measure -> centimetres, small to large
 * @typedef {{kind: "range", sizes: string[], from: "height" | "tape" | "whole-body" | "upper-body"}
 *   | {kind: "cannot", why: "no-chart" | "no-measure" | "too-wide" | "outside" | "turned" | "not-seen" | "outside-body"}} Advice
 */

/**
 * Which girths would say more about a garment of this kind.
 * @param {string} slot
 * @returns {string[]}
 */
export function girths(slot) {
  return Object.keys(EASE[slot] ?? {});
}

/**
 * @param {string} slot
 * @param {Chart | null} chart
 * @param {Body} body
 * @returns {Advice}
 */
export function advise(slot, chart, body) {
  const ease = EASE[slot];
  if (!chart || !ease || !charted(chart, ease)) return { kind: "cannot", why: "no-chart" };
  const measured = Object.keys(ease).some((girth) => plausible(/** @type {any} */ (body)[girth]));
  const spans = Object.keys(ease).flatMap((girth) => {
    const span = bodySpan(girth, body, measured);
    return span ? [{ girth, span }] : [];
  });
  if (spans.length === 0) return { kind: "cannot", why: "no-measure" };
  const sizes = Object.keys(chart).filter((size) =>
    spans.every(({ girth, span }) => fits(chart[size]?.[girth], ease[girth] ?? [0, 0], span)),
  );
  // A guess that fits nothing is a bad guess; a measure that fits nothing is an answer.
  if (sizes.length === 0) return { kind: "cannot", why: measured ? "outside" : "no-measure" };
  if (sizes.length > RANGE_LIMIT) return { kind: "cannot", why: "too-wide" };
  return { kind: "range", sizes, from: measured ? "tape" : "height" };
}

/**
 * What is known about a size when the mirror has looked, too: a tape knows best, then the picture, then the height alone.
 * @param {Advice} told from the shopper's numbers
 * @param {{sizes: string[], reason: string} | undefined} seen from the shopper's picture and height
 * @returns {Advice}
 */
export function together(told, seen) {
  const measured = told.kind === "range" ? told.from === "tape" : told.why === "outside";
  if (measured || seen === undefined) return told;
  if (seen.sizes.length > RANGE_LIMIT) return { kind: "cannot", why: "too-wide" };
  const { sizes, reason } = seen;
  if (sizes.length > 0 && (reason === "whole-body" || reason === "upper-body")) return { kind: "range", sizes, from: reason };
  const why = /** @type {Record<string, "turned" | "not-seen" | "outside-body">} */ (UNSEEN)[reason];
  return told.kind === "range" || why === undefined ? told : { kind: "cannot", why };
}

/** Why a picture says nothing, in the server's words and in ours. */
const UNSEEN = { turned: "turned", "not-seen": "not-seen", "outside-chart": "outside-body" };

/** @param {unknown} value @returns {value is number} */
function plausible(value) {
  return typeof value === "number" && value >= 30 && value <= 220;
}

/**
 * Between what the girth lies. One tape measure says more than any guess from the height, so that guesses are only made
 * when there is none.
 * @param {string} girth
 * @param {Body} body
 * @param {boolean} measured
 * @returns {readonly [number, number] | null}
 */
function bodySpan(girth, body, measured) {
  const tape = /** @type {Record<string, unknown>} */ (body)[girth];
  if (plausible(tape)) return [tape - TAPE_CM, tape + TAPE_CM];
  const build = BUILD[girth];
  const height = body.height;
  if (measured || !build || height === undefined || height < HEIGHT_CM.least || height > HEIGHT_CM.most) return null;
  return [height * build[0], height * build[1]];
}

/**
 * A garment whose chart leaves a girth out does not depend on it.
 * @param {number | undefined} width
 * @param {readonly [number, number]} ease
 * @param {readonly [number, number]} span
 */
function fits(width, [least, most], [low, high]) {
  return width === undefined || (width - most <= high && width - least >= low);
}

/** @param {Chart} chart @param {Record<string, unknown>} ease */
function charted(chart, ease) {
  return Object.values(chart).some((measures) => Object.keys(ease).some((girth) => girth in measures));
}
