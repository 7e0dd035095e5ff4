/**
 * Why there is no camera picture, in the five ways that a shopper can do something about.
 */

/** @typedef {"refused" | "none" | "in-use" | "insecure" | "lost"} CameraProblem */

/**
 * What to ask the browser for. The server works at 640x480; the front camera is the mirror's.
 * @param {string | null} [device] a camera the shopper chose
 * @returns {MediaStreamConstraints}
 */
export function cameraConstraints(device = null) {
  return {
    audio: false,
    video: {
      width: { ideal: 640 },
      height: { ideal: 480 },
      frameRate: { ideal: 30 },
      ...(device ? { deviceId: { exact: device } } : { facingMode: "user" }),
    },
  };
}

/**
 * Browsers hide the camera from pages that did not come over HTTPS (or from this very machine).
 * @param {{isSecureContext: boolean, navigator: {mediaDevices?: unknown}}} scope
 */
export function cameraReachable(scope) {
  return scope.isSecureContext && scope.navigator.mediaDevices !== undefined;
}

/**
 * The problem behind what getUserMedia threw.
 * @param {unknown} error
 * @returns {CameraProblem}
 */
export function cameraProblem(error) {
  const name = typeof error === "object" && error !== null && "name" in error ? error.name : "";
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return "refused";
    case "NotFoundError":
    case "OverconstrainedError":
      return "none";
    case "NotReadableError":
    case "AbortError":
      return "in-use";
    case "TypeError":
      return "insecure";
    default:
      return "lost";
  }
}

/**
 * How a picture of `width` x `height` becomes a frame of at most the level's size: the largest middle part of 4:3, or
 * of 3:4 for an upright phone, so that the person fills the frame and is never bent. Never enlarged.
 * @param {number} width
 * @param {number} height
 * @param {{width: number, height: number}} level
 * @returns {{x: number, y: number, width: number, height: number, outWidth: number, outHeight: number}}
 */
export function framing(width, height, level) {
  const upright = height > width;
  const [wide, tall] = upright ? [level.height, level.width] : [level.width, level.height];
  const scale = Math.min(width / wide, height / tall);
  const w = Math.round(wide * scale);
  const h = Math.round(tall * scale);
  const shrink = Math.min(1, 1 / scale);
  return {
    x: Math.round((width - w) / 2),
    y: Math.round((height - h) / 2),
    width: w,
    height: h,
    outWidth: Math.max(1, Math.round(w * shrink)),
    outHeight: Math.max(1, Math.round(h * shrink)),
  };
}
