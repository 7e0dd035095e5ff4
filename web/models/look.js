/**
 * A look: which garments are worn at once. One garment a slot; a dress takes the place of top and bottom. A look is an
 * immutable list of garments; every function returns a new one.
 */

/** Inner to outer, the order in which the mirror draws them. */
export const SLOTS = /** @type {const} */ (["dress", "bottom", "top", "outer", "glasses", "hat"]);

/** More garments than slots cannot be worn, so a longer link is not a look. */
const LINK_LIMIT = 200;

/**
 * @typedef {typeof SLOTS[number]} Slot
 * @typedef {{id: string, slot: Slot, sku: string}} Garment `id` names it in the wardrobe, `sku` in the shop
 * @typedef {readonly Garment[]} Look
 */

/** @type {Record<Slot, readonly Slot[]>} what has to be taken off for it, beside its own slot */
const REPLACES = { dress: ["top", "bottom"], top: ["dress"], bottom: ["dress"], outer: [], glasses: [], hat: [] };

/** @param {unknown} name @returns {name is Slot} */
export function isSlot(name) {
  return SLOTS.some((slot) => slot === name);
}

/**
 * @param {Look} look
 * @param {Garment} garment
 * @returns {Look}
 */
export function wear(look, garment) {
  const off = [garment.slot, ...REPLACES[garment.slot]];
  return inOrder([...look.filter((worn) => !off.includes(worn.slot)), garment]);
}

/**
 * @param {Look} look
 * @param {string} id
 * @returns {Look}
 */
export function takeOff(look, id) {
  return look.filter((worn) => worn.id !== id);
}

/**
 * @param {Look} look
 * @param {Garment} garment
 * @returns {Look}
 */
export function toggle(look, garment) {
  return wears(look, garment.id) ? takeOff(look, garment.id) : wear(look, garment);
}

/**
 * @param {Look} look
 * @param {string} id
 */
export function wears(look, id) {
  return look.some((worn) => worn.id === id);
}

/**
 * The ids to send to the mirror, inner to outer.
 * @param {Look} look
 */
export function ids(look) {
  return look.map((worn) => worn.id);
}

/**
 * The look in a link (`tee,jacket`), as far as the wardrobe has it; later garments win over earlier ones.
 * @param {string | null} link
 * @param {readonly Garment[]} wardrobe
 * @returns {Look}
 */
export function fromLink(link, wardrobe) {
  return fromIds((link ?? "").slice(0, LINK_LIMIT).split(","), wardrobe);
}

/**
 * @param {readonly string[]} wanted
 * @param {readonly Garment[]} wardrobe
 * @returns {Look}
 */
export function fromIds(wanted, wardrobe) {
  /** @type {Look} */
  let look = [];
  for (const id of wanted) {
    const garment = wardrobe.find((known) => known.id === id || known.sku === id);
    if (garment) look = wear(look, garment);
  }
  return look;
}

/**
 * The garment after (`by` 1) or before (-1) the worn one within one slot; past the end comes "nothing", so that one
 * can also swipe a garment away. Null: nothing.
 * @param {Look} look
 * @param {readonly Garment[]} wardrobe
 * @param {Slot} slot
 * @param {1 | -1} by
 * @returns {Garment | null}
 */
export function neighbour(look, wardrobe, slot, by) {
  /** @type {(Garment | null)[]} */
  const ring = [null, ...wardrobe.filter((garment) => garment.slot === slot)];
  const worn = ring.findIndex((garment) => garment !== null && wears(look, garment.id));
  return ring[(Math.max(0, worn) + by + ring.length) % ring.length] ?? null;
}

/** @param {readonly Garment[]} garments @returns {Look} */
function inOrder(garments) {
  return [...garments].sort((a, b) => SLOTS.indexOf(a.slot) - SLOTS.indexOf(b.slot));
}
