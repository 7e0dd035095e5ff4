/** What the server put into this page (the `boot` block), and the page's words. Every element starts here. */
import { Texts } from "./models/texts.js";

/**
 * @typedef {object} Boot
 * @property {string} page
 * @property {string} language
 * @property {Record<string, string>} texts
 * @property {boolean} demo
 * @property {string} now RFC 3339, the server's clock when the page was made
 * @property {Record<string, any>} data what this page is about (an event id, an order id)
 */

const block = document.getElementById("boot");

/** @type {Boot} */
export const boot = JSON.parse(block?.textContent || "{}");

export const texts = new Texts(boot.language ?? "en", boot.texts ?? {});

/** @type {Texts["say"]} */
export const t = (key, values) => texts.say(key, values);
