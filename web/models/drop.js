/** What a shopper sees of a drop at a moment. Pure. */

/**
 * secret: told that something comes; revealed: shown, counting down; drawing: asking now means taking part in the draw;
 * open: first come, first served; sold-out; ended.
 * @typedef {"secret" | "revealed" | "drawing" | "open" | "sold-out" | "ended"} Phase
 */

/**
 * @param {import("./timeline.js").Drop} drop its last state, as told by the server
 * @param {number | null} picture media time of the picture that is being looked at, epoch ms; null while nothing plays
 * @param {number} now the server's time, epoch ms
 * @returns {Phase}
 */
export function phase(drop, picture, now) {
  if (drop.state === "ended" || drop.state === "sold-out") return drop.state;
  // The word may be faster than the picture: the reveal belongs to its frame.
  const hidden = picture !== null && drop.reveal_at_ms !== undefined && picture < drop.reveal_at_ms;
  if (drop.state === "announced" || !drop.sku || hidden) return "secret";
  const opens = opensAt(drop);
  if (opens !== null && now < opens) return "revealed";
  if (drop.state !== "open" && opens === null) return "revealed";
  return opens !== null && now < opens + (drop.draw_ms ?? 0) ? "drawing" : "open";
}

/** When sales begin on the server's clock, epoch ms. @param {import("./timeline.js").Drop} drop */
export function opensAt(drop) {
  if (drop.opens_at) return Date.parse(drop.opens_at);
  return drop.opens_at_ms ?? null;
}

/** Milliseconds until sales begin, 0 once they have. @param {import("./timeline.js").Drop} drop @param {number} now */
export function untilOpen(drop, now) {
  const opens = opensAt(drop);
  return opens === null ? 0 : Math.max(0, opens - now);
}
