/** The look's price and its way into the bag, always at hand below. */

import { html, nothing } from "lit";

import { totalOf } from "../models/look-pieces.js";
import { t, texts } from "../page.js";

/**
 * @param {import("./fitting.js").FittingRoom} room
 * @param {import("../models/look-pieces.js").Piece[]} pieces
 */
export function barOf(room, pieces) {
  const total = totalOf(pieces);
  return html`<div class="bar">
    <p>
      <span class="soft">${t("fitting.look.pieces", { count: pieces.length })}</span>
      <span class="total tabular">${total ? texts.money(total) : "–"}</span>
    </p>
    <button class="primary" ?disabled=${pieces.length === 0} @click=${() => room.buy(pieces)}>
      <ls-icon name="shopping-bag"></ls-icon>${t("fitting.to-cart")}
    </button>
    ${room.asked
      ? html`<p class="told">
          <span aria-hidden="true">${room.told}</span>
          ${room.cart?.count ? html`<a href="/checkout">${t("cart.checkout")}</a>` : nothing}
        </p>`
      : nothing}
  </div>`;
}
