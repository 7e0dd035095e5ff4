/** Opens the live connection of an event over Socket.IO. */
import { io } from "socket.io-client";
import { ANSWER_MS, Live } from "./models/live.js";
import { local } from "./shop.js";

/**
 * @param {string} event
 * @param {Pick<import("./models/live.js").Ports, "changed" | "stock" | "reactions" | "clock">} handlers
 */
export function openLive(event, handlers) {
  const socket = io("/live", {
    transports: ["websocket"],
    // The first try after 0.2 to 1.4 s: a process that was killed sends thousands away at one instant.
    reconnectionDelay: 800,
    reconnectionDelayMax: 8000,
    randomizationFactor: 0.75,
  });
  /** @type {import("./models/live.js").Socket} */
  const given = {
    on: (name, handler) => socket.on(name, handler),
    ask: (name, data, answered) => socket.timeout(ANSWER_MS).emit(name, data, answered),
    connect: () => socket.connect(),
    disconnect: () => socket.disconnect(),
  };
  const later = (/** @type {() => void} */ handler, /** @type {number} */ ms) => setTimeout(handler, ms);
  return new Live(given, event, { ...handlers, later, local, random: Math.random });
}
