/** `<ls-lobby>`: the running show large, the shows to come, the fitting room and the collection. */
import { LitElement, css, html, nothing } from "lit";
import { boot, t, texts } from "../page.js";
import { api, loadProducts, products } from "../shop.js";
import { Follow } from "./follow.js";
import { base, buttons } from "./shared.js";
import "./player.js";
import "./product-list.js";

/** States change while the page is open. */
const LOOK_AGAIN_MS = 10_000;
const ORDER = ["live", "pause", "before", "after"];

/** @typedef {{id: string, title: string, state: string, starts_at: string | null, playlist: string}} Event */

export class Lobby extends LitElement {
  static properties = { events: { state: true } };

  static styles = [
    base,
    buttons,
    css`
      :host {
        display: grid;
        gap: var(--space-8);
      }
      .show {
        display: grid;
        gap: var(--space-5);
        align-items: end;
      }
      .picture {
        display: block;
        position: relative;
        aspect-ratio: 4 / 5;
        background: #0c0b0a;
        overflow: hidden;
      }
      .picture.piece {
        background: var(--photo);
        padding: 8%;
      }
      .piece img {
        inline-size: 100%;
        block-size: 100%;
        object-fit: contain;
      }
      ls-player {
        position: absolute;
        inset: 0;
      }
      .words {
        display: grid;
        gap: var(--space-4);
        justify-items: start;
      }
      h1 {
        font-size: var(--text-3xl);
      }
      .state {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
      }
      .state.live {
        color: var(--accent);
      }
      .state.live::before {
        content: "";
        inline-size: 0.5rem;
        block-size: 0.5rem;
        border-radius: 50%;
        background: var(--accent-fill);
      }
      .lead {
        font-size: var(--text-l);
        max-inline-size: 28rem;
        color: var(--ink-soft);
      }
      h2 {
        padding-block-end: var(--space-5);
      }
      .room {
        border-block: var(--hairline);
        padding-block: var(--space-7);
      }
      .room h2 {
        font-size: var(--text-2xl);
        padding-block-end: var(--space-3);
      }
      .others {
        list-style: none;
        margin: 0;
        padding: 0;
      }
      .others a {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        align-items: baseline;
        gap: var(--space-2) var(--space-5);
        padding-block: var(--space-4);
        border-block-start: var(--hairline);
        text-decoration: none;
      }
      .others a:hover {
        color: var(--accent);
      }
      .others strong {
        font: 400 var(--text-xl) / var(--tight) var(--serif);
      }
      ls-product-list {
        --card: 13rem;
      }
      @media (min-width: 52rem) {
        .show {
          grid-template-columns: minmax(0, 5fr) minmax(0, 7fr);
          gap: var(--space-8);
        }
        .picture {
          aspect-ratio: auto;
          block-size: min(70dvh, 46rem);
        }
      }
    `,
  ];

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
      <a class="picture ${running ? "" : "piece"}" href=${href} aria-label="${event.title}: ${t("lobby.watch")}">
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
      <div class="picture piece"><img src=${firstPicture()} alt="" ?hidden=${!firstPicture()} /></div>
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
