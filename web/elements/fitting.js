/**
 * <ls-fitting>: the fitting room. The mirror with its controls, the rail, the worn look with sizes and cart, the
 * snapshots and the saved looks. Announces `room-look` {ids} when the look changes.
 */

import { LitElement, html } from "lit";

import { fromIds, fromLink, ids, neighbour, takeOff, toggle, wears } from "../models/look.js";
import { buyable, piecesOf, sizesOf, unsized, wardrobeOf } from "../models/look-pieces.js";
import { swipe } from "../models/look-swipe.js";
import { t, texts } from "../page.js";
import { barOf } from "./fitting-bar.js";
import { controlsOf } from "./fitting-controls.js";
import "./fitting-look.js";
import "./fitting-rail.js";
import { shelfOf } from "./fitting-shelf.js";
import "./fitting-snapshots.js";
import { fittingStyle } from "./fitting-style.js";
import "./icon.js";
import "./mirror.js";

const COUNTDOWN_S = 3;

/**
 * @typedef {import("../models/look.js").Garment} Garment
 * @typedef {import("../models/look.js").Look} Look
 * @typedef {import("../models/look.js").Slot} Slot
 * @typedef {import("../models/look-pieces.js").Product} Product
 */

export class FittingRoom extends LitElement {
  static styles = fittingStyle;

  static properties = {
    products: { attribute: false },
    failed: { attribute: false },
    look: { state: true },
    slotShown: { state: true },
    flipped: { state: true },
    mirrorState: { state: true },
    count: { state: true },
    chosen: { state: true },
    body: { state: true },
    charts: { state: true },
    seen: { state: true },
    asked: { state: true },
    told: { state: true },
    saved: { state: true },
  };

  constructor() {
    super();
    /** Null while they are being loaded. @type {readonly Product[] | null} */
    this.products = null;
    this.failed = false;
    /** @type {readonly Garment[]} */
    this.wardrobe = [];
    /** @type {Look} */
    this.look = [];
    /** @type {Slot | null} */
    this.slotShown = null;
    this.flipped = true;
    this.mirrorState = "consent";
    /** Seconds until the picture is taken; 0: none is being taken. */
    this.count = 0;
    /** @type {Readonly<Record<string, string>>} sku -> variant */
    this.chosen = {};
    /** @type {import("../models/look-size.js").Body} */
    this.body = {};
    /** @type {Readonly<Record<string, import("../models/look-size.js").Chart | null>>} */
    this.charts = {};
    /** What the mirror's picture says about sizes. @type {Readonly<Record<string, import("../models/mirror-protocol.js").SizeAdvice>>} */
    this.seen = {};
    this.asked = false;
    /** What just happened, in words. */
    this.told = "";
    this.saved = 0;
    /** @type {import("../models/cart.js").Cart | null} */
    this.cart = null;
    /** @type {import("../models/look-shelf.js").LookShelf | null} */
    this.shelf = null;
    /** Fetches a product with its size chart. @type {(sku: string) => Promise<any>} */
    this.fetchProduct = () => Promise.resolve(null);
    /** The look to begin with, from the link. */
    this.link = "";
    /** @type {{x: number, y: number} | null} */
    this.pressed = null;
    this.onkey = (/** @type {KeyboardEvent} */ event) => this.#key(event);
  }

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener("keydown", this.onkey);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener("keydown", this.onkey);
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has("products") || this.products === null) return;
    this.wardrobe = wardrobeOf(this.products);
    this.look = fromLink(this.link, this.wardrobe);
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (!changed.has("look") || this.products === null) return;
    this.dispatchEvent(new CustomEvent("room-look", { detail: { ids: ids(this.look) } }));
    for (const garment of this.look) void this.#chart(garment.sku);
  }

  render() {
    const pieces = piecesOf(this.look, this.products ?? [], this.chosen);
    const titles = new Intl.ListFormat(texts.locale, { type: "unit" }).format(pieces.map((piece) => piece.product.title));
    return html`
      <div class="room">
        <section
          class="glass"
          aria-label=${t("fitting.stage")}
          @pointerdown=${(/** @type {PointerEvent} */ event) => (this.pressed = { x: event.clientX, y: event.clientY })}
          @pointerup=${this.#released}
        >
          <laufsteg-mirror
            .garments=${ids(this.look)}
            .sizes=${sizesOf(pieces)}
            .height=${this.body.height ?? null}
            .wearing=${titles ? t("fitting.wearing", { titles }) : t("fitting.wearing-nothing")}
            .flipped=${this.flipped}
            @mirror-state=${(/** @type {CustomEvent} */ event) => (this.mirrorState = event.detail)}
            @mirror-advice=${(/** @type {CustomEvent} */ event) => (this.seen = event.detail)}
          >
            ${controlsOf(this)}
          </laufsteg-mirror>
          <ls-snapshots
            @snapshot-wear=${(/** @type {CustomEvent} */ event) => this.wearIds(event.detail.garments)}
          ></ls-snapshots>
        </section>
        <section class="rail" aria-label=${t("fitting.garments")}>${this.#rail()}</section>
        <section class="look" aria-labelledby="look">
          <header>
            <h2 id="look">${t("fitting.look")}</h2>
            <button
              aria-pressed=${this.shelf?.has(ids(this.look)) ?? false}
              ?disabled=${this.look.length === 0}
              @click=${this.#save}
            >
              <ls-icon name="bookmark"></ls-icon>${t("fitting.save")}
            </button>
          </header>
          <ls-look
            .pieces=${pieces}
            .charts=${this.charts}
            .body=${this.body}
            .seen=${this.seen}
            .asked=${this.asked}
            @look-off=${(/** @type {CustomEvent} */ event) => this.#wear(takeOff(this.look, event.detail.id))}
            @look-size=${(/** @type {CustomEvent} */ event) =>
              (this.chosen = { ...this.chosen, [event.detail.sku]: event.detail.variant })}
            @look-body=${(/** @type {CustomEvent} */ event) => (this.body = event.detail.body)}
          ></ls-look>
          <h2 class="second">${t("fitting.shelf")}</h2>
          ${shelfOf(this)}
        </section>
        ${barOf(this, pieces)}
      </div>
      <p class="hidden-but-read" role="status">${this.told}</p>
    `;
  }

  #rail() {
    if (this.failed)
      return html`<div class="message">
        <h2>${t("fitting.failed.title")}</h2>
        <p>${t("fitting.failed.text")}</p>
        <button @click=${() => this.dispatchEvent(new CustomEvent("room-reload"))}>${t("fitting.again")}</button>
      </div>`;
    if (this.products === null)
      return html`<div class="ghosts" aria-busy="true">${[1, 2, 3, 4, 5, 6].map(() => html`<span></span>`)}</div>`;
    if (this.wardrobe.length === 0) return html`<p class="message soft">${t("fitting.empty")}</p>`;
    return html`<ls-rail
      .wardrobe=${this.wardrobe}
      .products=${this.products}
      .look=${this.look}
      .slotShown=${this.slotShown}
      @rail-wear=${(/** @type {CustomEvent} */ event) => this.#wear(toggle(this.look, event.detail.garment))}
      @rail-slot=${(/** @type {CustomEvent} */ event) => (this.slotShown = event.detail.slot)}
    ></ls-rail>`;
  }

  /** @param {readonly string[]} garments */
  wearIds(garments) {
    this.#wear(fromIds(garments, this.wardrobe));
  }

  /** @param {Look} look */
  #wear(look) {
    const added = look.find((garment) => !wears(this.look, garment.id));
    const gone = this.look.find((garment) => !wears(look, garment.id));
    this.asked = false;
    this.look = look;
    if (added) this.told = t("fitting.worn", { title: this.#title(added) });
    else if (gone) this.told = t("fitting.off", { title: this.#title(gone) });
  }

  /** @param {Garment} garment */
  #title(garment) {
    return this.products?.find((product) => product.sku === garment.sku)?.title ?? garment.id;
  }

  /** The next or previous garment of the kind that is being looked at. @param {1 | -1} by */
  turn(by) {
    const slot = this.slotShown ?? this.look.at(-1)?.slot ?? this.wardrobe[0]?.slot;
    if (slot === undefined) return;
    const next = neighbour(this.look, this.wardrobe, slot, by);
    const worn = this.look.find((garment) => garment.slot === slot);
    this.slotShown ??= slot;
    this.#wear(next ? toggle(this.look, next) : worn ? takeOff(this.look, worn.id) : this.look);
    const rail = /** @type {import("./fitting-rail.js").GarmentRail | null} */ (this.renderRoot.querySelector("ls-rail"));
    if (next) void this.updateComplete.then(() => rail?.reveal(next.id));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const path = event.composedPath();
    if (path.some((one) => one instanceof HTMLElement && one.matches("input, select, textarea, dialog, summary"))) return;
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    this.turn(by);
  }

  /** @param {PointerEvent} event */
  #released(event) {
    const by = this.pressed ? swipe(this.pressed, { x: event.clientX, y: event.clientY }) : 0;
    this.pressed = null;
    if (by !== 0) this.turn(by);
  }

  /** Takes a picture when the shopper has had time to stand. */
  countdown() {
    this.count = COUNTDOWN_S;
    this.told = texts.number(this.count);
    const tick = setInterval(() => {
      this.count -= 1;
      if (this.count > 0) this.told = texts.number(this.count);
      if (this.count > 0 && this.isConnected) return;
      clearInterval(tick);
      void this.#snap();
    }, 1000);
  }

  async #snap() {
    // Read first: the shopper may change clothes while the picture is encoded.
    const worn = ids(this.look);
    const words = piecesOf(this.look, this.products ?? [], {}).map((piece) => piece.product.title);
    const picture = await this.mirror.snapshot();
    if (picture === null) return;
    const tray = /** @type {import("./fitting-snapshots.js").Snapshots} */ (this.renderRoot.querySelector("ls-snapshots"));
    tray.add(picture, worn, words.join(", ") || t("fitting.nothing"));
    this.told = t("fitting.snapshot.taken");
  }

  #save() {
    const worn = ids(this.look);
    if (this.shelf?.has(worn)) this.shelf.remove(worn);
    else {
      this.shelf?.save(worn, Date.now());
      this.told = t("fitting.saved");
    }
    this.saved += 1;
  }

  /** Puts the look into the bag, or asks for the sizes that lack. @param {import("../models/look-pieces.js").Piece[]} pieces */
  buy(pieces) {
    this.asked = true;
    if (unsized(pieces).length > 0) {
      this.told = t("fitting.to-cart.sizes");
      const look = /** @type {import("./fitting-look.js").WornLook} */ (this.renderRoot.querySelector("ls-look"));
      void this.updateComplete.then(() => look.updateComplete).then(() => look.askForSize());
      return;
    }
    const bought = buyable(pieces);
    for (const { product, variant } of pieces) if (variant && bought.includes(variant)) this.cart?.add(product.sku, variant.id);
    this.told = bought.length ? t("fitting.to-cart.done", { count: bought.length }) : t("fitting.to-cart.gone");
  }

  /** @param {string} sku */
  async #chart(sku) {
    if (sku in this.charts) return;
    this.charts = { ...this.charts, [sku]: null };
    const product = await this.fetchProduct(sku).catch(() => null);
    this.charts = { ...this.charts, [sku]: product?.measures?.sizes ?? null };
  }

  /** The mirror itself. */
  get mirror() {
    return /** @type {import("./mirror.js").LaufstegMirror} */ (this.renderRoot.querySelector("laufsteg-mirror"));
  }
}

customElements.define("ls-fitting", FittingRoom);
