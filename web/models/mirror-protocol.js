/**
 * What travels over the frame socket. A binary message is a header of eight bytes, uint32 sequence and
 * uint32 milliseconds since the socket opened (both big endian), followed by one baseline JPEG. An answer
 * has the same form and carries the sequence and time of the frame that it was made from. Text is JSON control.
 */

export const HEADER_BYTES = 8;

/** The server refuses larger pictures, so they are not sent. */
export const JPEG_LIMIT = 512 * 1024;

const UINT32 = 2 ** 32;

/**
 * @typedef {{sequence: number, timestamp: number, jpeg: Uint8Array}} Frame
 * @typedef {"ok" | "no-person" | "step-back" | "turn-around" | "busy" | "unavailable"} Guidance
 * @typedef {{garments: readonly string[], sizes: Readonly<Record<string, string>>, height: number | null}} Wish
 *   `garments`: ids, inner to outer. `sizes`: garment id -> the size to draw. `height`: in centimetres, when it is known
 * @typedef {{garment: string, sizes: string[], reason: string}} SizeAdvice no sizes: it cannot be told, and why
 * @typedef {{kind: "state", state: Guidance, position: number | null}
 *   | {kind: "error", slug: string, sequence: number | null}
 *   | {kind: "advice", advice: SizeAdvice[]}} Control
 */

/**
 * One frame as a message. Both numbers wrap at 2^32.
 * @param {number} sequence
 * @param {number} timestamp milliseconds since the socket opened
 * @param {Uint8Array} jpeg
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function encodeFrame(sequence, timestamp, jpeg) {
  if (jpeg.byteLength > JPEG_LIMIT) throw new RangeError(`A frame of ${jpeg.byteLength} bytes is too large.`);
  const message = new Uint8Array(HEADER_BYTES + jpeg.byteLength);
  const header = new DataView(message.buffer);
  header.setUint32(0, sequence % UINT32);
  header.setUint32(4, Math.floor(timestamp) % UINT32);
  message.set(jpeg, HEADER_BYTES);
  return message;
}

/**
 * The frame in a message; null when the message is too short to be one.
 * @param {ArrayBuffer} message
 * @returns {Frame | null}
 */
export function decodeFrame(message) {
  if (message.byteLength <= HEADER_BYTES) return null;
  const header = new DataView(message);
  return {
    sequence: header.getUint32(0),
    timestamp: header.getUint32(4),
    jpeg: new Uint8Array(message, HEADER_BYTES),
  };
}

/** What the server takes for a height; anything else is a typing slip. */
const HEIGHT_CM = { least: 50, most: 250 };

/**
 * What to draw as a control message; no garments take everything off.
 * @param {Wish} wish
 */
export function wishMessage({ garments, sizes, height }) {
  const known = height !== null && height >= HEIGHT_CM.least && height <= HEIGHT_CM.most;
  return JSON.stringify({ wear: garments, sizes, ...(known ? { height_cm: height } : {}) });
}

/**
 * What the server says in text; null for what this version does not know, so that the server may learn to say more.
 * @param {string} text
 * @returns {Control | null}
 */
export function readControl(text) {
  let said;
  try {
    said = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof said !== "object" || said === null) return null;
  if (typeof said.error === "string") {
    return { kind: "error", slug: said.error, sequence: Number.isInteger(said.sequence) ? said.sequence : null };
  }
  if (["ok", "no-person", "step-back", "turn-around", "busy", "unavailable"].includes(said.state)) {
    return { kind: "state", state: said.state, position: Number.isInteger(said.position) ? said.position : null };
  }
  if (Array.isArray(said.advice)) return { kind: "advice", advice: said.advice };
  return null;
}
