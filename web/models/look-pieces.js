/**
 * A look as pieces to buy: each worn garment with its product, the chosen size and what the whole costs.
 */

import { isSlot } from "./look.js";

/**
 * @typedef {import("./look.js").Garment} Garment
 * @typedef {import("./look.js").Look} Look
 * @typedef {{id: string, size: string, left: number}} Variant
 * @typedef {{sku: string, title: string, slot: string, garment: string | null, pictures: string[],
 *   price: {amount: number, currency: string}, left: number, variants: Variant[]}} Product as the API lists it
 * @typedef {{garment: Garment, product: Product, variant: Variant | null}} Piece `variant` is null until a size is chosen
 */

/**
 * The garments that can be worn, in the shop's order.
 * @param {readonly Product[]} products
 * @returns {Garment[]}
 */
export function wardrobeOf(products) {
  return products.flatMap(({ garment, slot, sku }) => (garment && isSlot(slot) ? [{ id: garment, slot, sku }] : []));
}

/**
 * @param {Look} look
 * @param {readonly Product[]} products
 * @param {Readonly<Record<string, string>>} chosen sku -> variant id
 * @returns {Piece[]}
 */
export function piecesOf(look, products, chosen) {
  return look.flatMap((garment) => {
    const product = products.find((known) => known.sku === garment.sku);
    return product ? [{ garment, product, variant: variantOf(product, chosen[product.sku]) }] : [];
  });
}

/**
 * What the whole look costs; null for an empty one.
 * @param {readonly Piece[]} pieces
 * @returns {{amount: number, currency: string} | null}
 */
export function totalOf(pieces) {
  const [first] = pieces;
  if (!first) return null;
  const amount = pieces.reduce((sum, piece) => sum + piece.product.price.amount, 0);
  return { amount, currency: first.product.price.currency };
}

/**
 * The pieces that still lack a size, sold-out ones apart: those cannot be bought and do not stand in the way.
 * @param {readonly Piece[]} pieces
 */
export function unsized(pieces) {
  return pieces.filter((piece) => piece.variant === null && piece.product.left > 0);
}

/**
 * The sizes to draw: garment id -> size, as far as one was chosen.
 * @param {readonly Piece[]} pieces
 * @returns {Record<string, string>}
 */
export function sizesOf(pieces) {
  return Object.fromEntries(pieces.flatMap(({ garment, variant }) => (variant ? [[garment.id, variant.size]] : [])));
}

/**
 * The variants to put into the cart.
 * @param {readonly Piece[]} pieces
 * @returns {Variant[]}
 */
export function buyable(pieces) {
  return pieces.flatMap(({ variant }) => (variant && variant.left > 0 ? [variant] : []));
}

/**
 * The chosen variant, or the only one there is.
 * @param {Product} product
 * @param {string | undefined} id
 * @returns {Variant | null}
 */
function variantOf(product, id) {
  const [only, second] = product.variants;
  if (only && !second) return only.left > 0 ? only : null;
  return product.variants.find((variant) => variant.id === id) ?? null;
}
