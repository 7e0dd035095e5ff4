/** What a checkout is about, from its address: one piece, a hold, or the whole bag. Pure. */

/** @typedef {{holds: string[], lines: {variant: string, quantity: number}[]}} Wanted */

/**
 * @param {URLSearchParams} query
 * @param {readonly {variant: string, quantity: number}[]} bag
 * @param {readonly string[]} held the shopper's running holds
 * @returns {Wanted}
 */
export function wanted(query, bag, held) {
  const [variants, holds] = [query.getAll("variant"), query.getAll("hold")];
  if (variants.length || holds.length) return { holds, lines: variants.map((variant) => ({ variant, quantity: 1 })) };
  return { holds: [...held], lines: bag.map(({ variant, quantity }) => ({ variant, quantity })) };
}
