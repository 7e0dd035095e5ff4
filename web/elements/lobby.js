/** `<ls-lobby>`: the running show large, the shows to come, the fitting room and the collection. */
import { LitElement, html, nothing } from "lit";
import { boot, t, texts } from "../page.js";
import { api, loadProducts, products } from "../shop.js";
import { Follow } from "./follow.js";
import { lobbyStyle } from "./lobby-style.js";
import { base, buttons, piece } from "./shared.js";
import "./player.js";
import "./product-list.js";

/** States change while the page is open. */
const LOOK_AGAIN_MS = 10_000;
const ORDER = ["live", "pause", "before", "after"];

/** @typedef {{id: string, title: string, state: string, starts_at: string | null, playlist: string}} Event */

export class Lobby extends LitElement {
  static properties = { events: { state: true } };

  static styles = [base, buttons, piece, lobbyStyle];

  constructor() {
    super();
    /** @type {readonly Event[] | null} */
    this.events = null;
    new Follow(this, "products");
  }

  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  connectedCallback() {
    super.connectedCallback();
    this.#load();
    loadProducts().catch(() => {});
    this.#timer = setInterval(() => document.visibilityState === "visible" && this.#load(), LOOK_AGAIN_MS);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  async #load() {
    try {
      const { events } = await api.get(`/api/events?lang=${boot.language}`);
      this.events = events.sort((/** @type {Event} */ a, /** @type {Event} */ b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
    } catch {
      this.events ??= [];
    }
  }

  render() {
    const [first, ...others] = this.events ?? [];
    return html`
      ${first ? this.#first(first) : this.#empty()}
      ${others.length
        ? html`<section><h2>${t("lobby.title")}</h2><ul class="others">${others.map((event) => this.#other(event))}</ul></section>`
        : nothing}
      <section class="room">
        <h2><a href="/fitting">${t("lobby.fitting")}</a></h2>
        <p class="lead">${t("lobby.fitting.lead")}</p>
      </section>
      <section>
        <h2>${t("lobby.collection")}</h2>
        <ls-product-list @choose=${(/** @type {CustomEvent<any>} */ choice) => this.#choose(first, choice.detail.sku)}></ls-product-list>
      </section>
    `;
  }

  /** @param {Event} event */
  #first(event) {
    const running = event.state === "live" || event.state === "pause";
    const href = `/watch/${event.id}`;
    return html`<section class="show">
      <a class="picture ${running ? "" : "photo"}" href=${href} aria-label="${event.title}: ${t("lobby.watch")}">
        ${running
          ? html`<ls-player muted .src=${event.playlist} aria-hidden="true"></ls-player>`
          : html`<img src=${firstPicture()} alt="" ?hidden=${!firstPicture()} />`}
      </a>
      <div class="words">
        <p class="state caps ${running ? "live" : ""}">${state(event)}</p>
        <h1>${event.title}</h1>
        <p class="lead">${t("lobby.lead")}</p>
        <a class="button primary" href=${href}>${t("lobby.watch")}</a>
      </div>
    </section>`;
  }

  #empty() {
    return html`<section class="show">
      <div class="picture photo"><img src=${firstPicture()} alt="" ?hidden=${!firstPicture()} /></div>
      <div class="words">
        <h1>${t("lobby.title")}</h1>
        <p class="lead">${this.events ? t("lobby.none") : t("lobby.lead")}</p>
      </div>
    </section>`;
  }

  /** @param {Event} event */
  #other(event) {
    return html`<li><a href="/watch/${event.id}"><strong>${event.title}</strong><span class="soft">${state(event)}</span></a></li>`;
  }

  /** A piece is bought in its show. @param {Event | undefined} event @param {string} sku */
  #choose(event, sku) {
    if (event) location.assign(`/watch/${event.id}?piece=${encodeURIComponent(sku)}`);
  }
}

/** What stands for a show that has no picture: the collection's first piece. */
function firstPicture() {
  const [piece] = products.values();
  return piece?.pictures[0] ?? "";
}

/** @param {Event} event */
function state({ state: now, starts_at }) {
  if (now === "live" || now === "pause") return t("lobby.live");
  if (now === "after") return t("lobby.after");
  return starts_at ? t("lobby.before", { when: texts.moment(starts_at) }) : t("lobby.soon");
}

customElements.define("ls-lobby", Lobby);
