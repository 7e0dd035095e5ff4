/**
 * What a key means to the console. Keys act only while they are switched on, nobody is typing, and no other key is held,
 * so that a browser's own shortcuts and text fields stay what they are.
 */

/**
 * @typedef {{key: string, repeat: boolean, ctrlKey: boolean, metaKey: boolean, altKey: boolean}} Press
 * @typedef {{do: "next" | "undo" | "chat"} | {do: "row", key: string} | null} Meaning
 */

/**
 * @param {Press} press
 * @param {{typing: boolean, onControl: boolean, enabled: boolean}} place `typing`: in a text field; `onControl`: a
 *   button has the focus, whose space bar is its own
 * @returns {Meaning}
 */
export function meaning(press, { typing, onControl, enabled }) {
  if (!enabled || typing || press.repeat || press.ctrlKey || press.metaKey || press.altKey) return null;
  if (press.key === " ") return onControl ? null : { do: "next" };
  if (press.key === "Backspace") return { do: "undo" };
  if (press.key === "c") return { do: "chat" };
  return /^[\da-z]$/i.test(press.key) ? { do: "row", key: press.key.toLowerCase() } : null;
}
