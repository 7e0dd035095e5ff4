/** Where the picture lies in its box, as the browser's object-fit and object-position put it. Pure. */

/** @typedef {{x: number, y: number, width: number, height: number}} Rect in CSS pixels from the box's top left */

/**
 * @param {{width: number, height: number}} box
 * @param {{width: number, height: number}} picture the video's own size; unknown (0) fills the box
 * @param {"cover" | "contain"} fit
 * @param {{x: number, y: number}} [position] object-position as fractions
 * @returns {Rect}
 */
export function pictureIn(box, picture, fit, position = { x: 0.5, y: 0.5 }) {
  if (!picture.width || !picture.height) return { x: 0, y: 0, ...box };
  const [across, down] = [box.width / picture.width, box.height / picture.height];
  const scale = fit === "cover" ? Math.max(across, down) : Math.min(across, down);
  const [width, height] = [picture.width * scale, picture.height * scale];
  return { x: (box.width - width) * position.x, y: (box.height - height) * position.y, width, height };
}

/**
 * Where an anchor lies in the box, kept `margin` pixels inside, so that its tag can be reached on a cropped picture.
 * @param {{x: number, y: number}} anchor fractions of the picture
 * @param {Rect} rect
 * @param {{width: number, height: number}} box
 * @param {{top: number, bottom: number, side: number}} margin
 */
export function place(anchor, rect, box, margin) {
  const between = (/** @type {number} */ value, /** @type {number} */ low, /** @type {number} */ high) =>
    Math.max(low, Math.min(Math.max(low, high), value));
  return {
    x: between(rect.x + anchor.x * rect.width, margin.side, box.width - margin.side),
    y: between(rect.y + anchor.y * rect.height, margin.top, box.height - margin.bottom),
  };
}
