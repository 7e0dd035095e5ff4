/** The saved looks of the fitting room: each shows its garments' pictures, one tap wears it. */

import { html } from "lit";

import { fromIds } from "../models/look.js";
import { piecesOf } from "../models/look-pieces.js";
import { t } from "../page.js";

/** @param {import("./fitting.js").FittingRoom} room */
export function shelfOf(room) {
  const shelf = room.shelf;
  const looks = (shelf?.looks ?? []).filter(({ garments }) => fromIds(garments, room.wardrobe).length > 0);
  if (!shelf || looks.length === 0) return html`<p class="soft small">${t("fitting.shelf.empty")}</p>`;
  return html`<ul class="shelf">
    ${looks.map(({ garments }) => {
      const pieces = piecesOf(fromIds(garments, room.wardrobe), room.products ?? [], {});
      const titles = pieces.map((piece) => piece.product.title).join(", ");
      return html`<li>
        <button class="saved" aria-label=${t("fitting.shelf.wear", { titles })} @click=${() => room.wearIds(garments)}>
          ${pieces.map((piece) => html`<img src=${piece.product.pictures[0] ?? ""} alt="" loading="lazy" />`)}
        </button>
        <button
          class="bare round"
          aria-label=${t("fitting.shelf.remove")}
          @click=${() => {
            shelf.remove(garments);
            room.saved += 1;
          }}
        >
          <ls-icon name="x"></ls-icon>
        </button>
      </li>`;
    })}
  </ul>`;
}
