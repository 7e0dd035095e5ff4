/**
 * `<ls-drop>`: a drop from its reveal to its end: what it is, the countdown, what is left, asking for one, the draw, and
 * the kind end. `drop` is its last state, `picture` the media time on the screen (a reveal belongs to its frame). Says "checkout".
 */
import { LitElement, html, nothing } from "lit";
import { opensAt, phase } from "../models/drop.js";
import { boot, t, texts } from "../page.js";
import { api, clock, holds, products } from "../shop.js";
import { dropStyle } from "./drop-style.js";
import { Follow } from "./follow.js";
import { base, buttons, piece } from "./shared.js";
import "./countdown.js";
import "./icon.js";

/** What stands between a shopper and a hold, in the shop's words. */
const SENTENCES = /** @type {Record<string, string>} */ ({
  "sold-out": "drop.lost",
  "limit-reached": "drop.limit",
  "not-open": "drop.early",
  busy: "drop.busy",
  offline: "error.offline",
});

export class DropCard extends LitElement {
  static properties = {
    drop: { attribute: false },
    picture: { attribute: false },
    left: { attribute: false },
    asking: { state: true },
    refusal: { state: true },
    telling: { state: true },
  };

  static styles = [base, buttons, piece, dropStyle];

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #turn;
  /** The same key for every repetition of one wish, so that a lost answer takes nothing twice. */
  #key = "";

  constructor() {
    super();
    /** @type {import("../models/timeline.js").Drop | undefined} */
    this.drop = undefined;
    /** @type {number | null} */
    this.picture = null;
    /** @type {number | null} the counter, newer than the drop's own word */
    this.left = null;
    this.asking = false;
    this.refusal = "";
    this.telling = false;
    new Follow(this, "holds", "products");
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.#turn);
  }

  /** @param {import("lit").PropertyValues} changed */
  willUpdate(changed) {
    if (changed.has("left") && this.telling && (this.left ?? 0) > 0) {
      this.telling = false;
      this.refusal = "drop.backagain";
    }
  }

  render() {
    const drop = this.drop;
    if (!drop) return nothing;
    const now = phase(drop, this.picture, clock.now());
    this.#wake(drop);
    if (now === "secret") return this.#secret();
    const product = products.get(drop.sku ?? "");
    const gone = this.#isGone(drop, now);
    return html`<article data-drop=${drop.id} data-phase=${now}>
      <div class="photo"><img src=${product?.pictures[0] ?? ""} alt="" width="176" height="220" /></div>
      <div class="words">
        <p class="label caps"><span>${t("drop.label")}</span>${this.#left(drop, now)}</p>
        <h2>${product?.title ?? t("common.loading")}</h2>
        ${gone ? nothing : html`<p class="meta facts tabular">${this.#facts(drop, product)}</p>`}
        ${gone ? this.#kind() : html`<div class="row">${this.#act(drop, now)}</div>`}
      </div>
      ${gone ? this.#bell() : nothing}
      ${this.refusal ? html`<p class="says" role="status">${t(this.refusal)}</p>` : nothing}
    </article>`;
  }

  #secret() {
    return html`<article data-phase="secret">
      <div class="photo veil" aria-hidden="true">?</div>
      <div class="words">
        <p class="label caps">${t("drop.label")}</p>
        <h2>${t("drop.secret.title")}</h2>
        <p class="meta">${t("drop.secret.text")}</p>
      </div>
    </article>`;
  }

  /** @param {import("../models/timeline.js").Drop} drop @param {import("../shop.js").Product | undefined} product */
  #facts(drop, product) {
    const size = product?.variants.find((variant) => variant.id === drop.variant)?.size;
    return [
      size === "one" ? t("product.size.one") : size,
      product && texts.money(product.price),
      drop.quantity && t("drop.quantity", { count: drop.quantity }),
      drop.per_customer && drop.per_customer < (drop.quantity ?? Infinity) && t("drop.share", { count: drop.per_customer }),
    ]
      .filter(Boolean)
      .map((fact) => html`<span>${fact}</span>`);
  }

  /** @param {import("../models/timeline.js").Drop} drop @param {string} now */
  #left(drop, now) {
    const left = this.left ?? drop.left;
    if (left === undefined || (now !== "open" && now !== "drawing")) return nothing;
    return html`<span class="tabular" data-left=${left}>${t("drop.left", { count: left })}</span>`;
  }

  /** @param {import("../models/timeline.js").Drop} drop @param {string} now */
  #act(drop, now) {
    const hold = holds.of(drop.id, clock.now());
    if (hold) {
      return html`<span>${t("drop.won.title")} <ls-countdown .until=${Date.parse(hold.expires_at)}></ls-countdown></span>
        <button class="primary" data-pay @click=${() => this.#checkout(hold.hold)}>${t("hold.pay")}</button>`;
    }
    if (this.asking) return this.#waiting(now);
    if (now === "revealed") {
      return html`<span class="meta">${t("drop.opens")}</span>
        <ls-countdown class="count" .until=${opensAt(drop) ?? 0} @over=${() => this.requestUpdate()}></ls-countdown>`;
    }
    if (now === "ended") return html`<p class="meta">${t("drop.ended")}</p>`;
    return html`<button class="primary" data-take @click=${this.#take}>${t("drop.take")}</button>`;
  }

  /** @param {import("../models/timeline.js").Drop} drop @param {string} now */
  #isGone(drop, now) {
    const mine = this.asking || holds.of(drop.id, clock.now());
    return !mine && (now === "sold-out" || ((this.left ?? drop.left) === 0 && now !== "ended"));
  }

  /** @param {string} now */
  #waiting(now) {
    const draw = now === "drawing";
    return html`<div class="words" role="status">
      <strong>${t(draw ? "drop.waiting" : "drop.asking")}</strong>
      <span class="meta">${draw ? t("drop.waiting.text") : nothing}</span>
      <progress aria-label=${t("drop.asking")}></progress>
    </div>`;
  }

  #kind() {
    return html`<p>${t("drop.soldout")}</p>
      ${this.telling ? nothing : html`<p class="meta">${t("drop.soldout.text")}</p>`}`;
  }

  #bell() {
    return this.telling
      ? html`<p class="says" role="status">${t("drop.told")}</p>`
      : html`<button class="says" data-tell @click=${() => (this.telling = true)}><ls-icon name="bell"></ls-icon>${t("drop.tell")}</button>`;
  }

  #take = async () => {
    const drop = this.drop;
    if (!drop || this.asking) return;
    this.asking = true;
    this.refusal = "";
    this.#key ||= crypto.randomUUID();
    const drawn = phase(drop, this.picture, clock.now()) === "drawing";
    try {
      const { hold, expires_at } = await api.post(`/api/drops/${drop.id}/holds`, { quantity: 1 }, this.#key);
      this.#key = "";
      this.#yours(drop, hold, expires_at);
    } catch (refusal) {
      const type = /** @type {import("../models/api.js").Refusal} */ (refusal).type;
      // Without an answer the wish may have been granted: the same key asks for the same thing.
      if (type !== "offline" && type !== "in-progress") this.#key = "";
      // Outside the draw, the card itself says that everything is gone.
      this.refusal = type === "sold-out" && !drawn ? "" : (SENTENCES[type] ?? "error.internal");
    } finally {
      this.asking = false;
    }
  };

  /** @param {import("../models/timeline.js").Drop} drop @param {string} hold @param {string} expires_at */
  #yours(drop, hold, expires_at) {
    const product = products.get(drop.sku ?? "");
    const variant = drop.variant ?? "";
    const size = product?.variants.find((one) => one.id === variant)?.size ?? "";
    const price = product?.price ?? { amount: 0, currency: "EUR" };
    const kept = { hold, drop: drop.id, sku: drop.sku ?? "", variant, title: product?.title ?? "", size, quantity: 1, price, expires_at };
    holds.add({ ...kept, picture: product?.pictures[0] ?? "" });
    this.#checkout(hold);
  }

  /** @param {string} hold */
  #checkout(hold) {
    const detail = new URLSearchParams({ hold, lang: boot.language }).toString();
    this.dispatchEvent(new CustomEvent("checkout", { detail, bubbles: true, composed: true }));
  }

  /** Renders again when the draw ends. @param {import("../models/timeline.js").Drop} drop */
  #wake(drop) {
    clearTimeout(this.#turn);
    const ends = (opensAt(drop) ?? 0) + (drop.draw_ms ?? 0) - clock.now();
    if (ends > 0 && ends < 600_000) this.#turn = setTimeout(() => this.requestUpdate(), ends + 20);
  }
}

customElements.define("ls-drop", DropCard);
