/** What a delivery needs, checked before it is sent; the server checks again. Pure. */

export const FIELDS = /** @type {const} */ (["email", "name", "line1", "line2", "postal_code", "city", "country"]);
const SHORTEST = { email: 3, name: 1, line1: 1, line2: 0, postal_code: 2, city: 1, country: 2 };
export const LONGEST = { email: 254, name: 100, line1: 100, line2: 100, postal_code: 12, city: 80, country: 2 };
/** One @, and a domain with a dot. */
const EMAIL = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;

/** @typedef {typeof FIELDS[number]} Field */
/** @typedef {Record<Field, string>} Delivery */

/**
 * What is wrong, as keys of texts by field; empty when nothing is.
 * @param {Delivery} delivery
 * @returns {Partial<Record<Field, string>>}
 */
export function problems(delivery) {
  /** @type {Partial<Record<Field, string>>} */
  const found = {};
  for (const field of FIELDS) {
    const { length } = delivery[field].trim();
    if (length === 0 && SHORTEST[field] > 0) found[field] = "checkout.required";
    else if (length < SHORTEST[field]) found[field] = "checkout.short";
  }
  if (!found.email && !EMAIL.test(delivery.email.trim())) found.email = "checkout.email.wrong";
  return found;
}

/** The parts of a checkout's body. @param {Delivery} delivery */
export function body({ email, ...address }) {
  const trimmed = Object.fromEntries(Object.entries(address).map(([field, value]) => [field, value.trim()]));
  return { email: email.trim(), address: trimmed };
}
