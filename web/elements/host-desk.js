/**
 * <ls-desk>: one event's control desk. The run of show in the middle with a key for each row, the picture on the left,
 * what is on sale and what is said on the right, the numbers above, and below for five seconds the way back.
 */

import { LitElement, html, nothing } from "lit";

import { openLive } from "../live.js";
import { ServerClock } from "../models/clock.js";
import { HostDesk } from "../models/host-desk.js";
import { meaning } from "../models/host-keys.js";
import { boot, t } from "../page.js";
import { api, clock, local } from "../shop.js";
import "./host-air.js";
import "./host-fairness.js";
import "./host-mail.js";
import "./host-orders.js";
import "./host-rows.js";
import "./host-sale.js";
import { deskStyle } from "./host-style.js";
import { keysKept, switchesOf } from "./host-switches.js";
import "./host-talk.js";
import { endingOf, topOf } from "./host-top.js";
import "./icon.js";

/** The numbers are read this often; who watches a show looks at them every few seconds. */
const NUMBERS_MS = 2000;
/** How often time-bound things are drawn again: countdowns of cues and of the way back. */
const TICK_MS = 250;
/** @typedef {"talk" | "orders" | "mail" | "fairness"} Side */
/** @type {readonly Side[]} */
const SIDES = ["talk", "orders", "mail", "fairness"];

export class Desk extends LitElement {
  static styles = deskStyle;

  static properties = {
    event: { attribute: false },
    events: { attribute: false },
    name: { attribute: false },
    rank: { attribute: false },
    tick: { state: true },
    numbers: { state: true },
    keys: { state: true },
    side: { state: true },
    products: { state: true },
    failed: { state: true },
  };

  constructor() {
    super();
    this.event = "";
    /** @type {{id: string, title: string, playlist: string}[]} */
    this.events = [];
    this.name = "";
    /** A moderator judges the chat and sees nothing else. */
    this.rank = "host";
    this.tick = 0;
    /** @type {any} */
    this.numbers = null;
    this.keys = keysKept();
    /** @type {Side} */
    this.side = "talk";
    /** @type {any[]} */
    this.products = [];
    this.failed = false;
    /** @type {HostDesk | null} */
    this.desk = null;
    /** @type {import("../models/live.js").Live | null} */
    this.live = null;
    /** @type {Map<string, number>} */
    this.stock = new Map();
    this.media = new ServerClock(local);
    this.shown = "";
    /** @type {ReturnType<typeof setInterval>[]} */
    this.timers = [];
    this.onkey = (/** @type {KeyboardEvent} */ event) => this.#key(event);
  }

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener("keydown", this.onkey);
    this.timers = [
      setInterval(() => (this.tick += 1), TICK_MS),
      setInterval(() => void this.#count(), NUMBERS_MS),
    ];
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener("keydown", this.onkey);
    for (const timer of this.timers) clearInterval(timer);
    this.live?.close();
    this.live = null;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("event") && this.event !== this.shown) this.#open();
  }

  render() {
    const { desk, live } = this;
    if (!desk || !live) return nothing;
    if (this.rank === "moderator") return this.#moderation(desk, live);
    const open = desk.undo.open(clock.now());
    return html`
      ${topOf(this, desk, live)}
      ${this.failed ? html`<p class="alarm" role="alert">${t("host.failed")}</p>` : nothing}
      ${desk.refused ? this.#alarm(desk, desk.refused) : nothing}
      <main>
        <section class="picture" aria-label=${t("host.picture")}>
          <ls-air .event=${this.event} .rehearsing=${desk.rehearsing} .playlist=${this.#playlist} .ingest=${this.numbers?.ingest ?? null}></ls-air>
          ${switchesOf(this, desk)}
        </section>
        <section class="rundown" aria-labelledby="rundown">
          <h2 id="rundown">${t("host.rundown")}</h2>
          <ls-rows
            .views=${desk.views}
            .products=${this.products}
            .busy=${desk.busy}
            .media=${desk.rehearsing ? clock.now() : this.media.now()}
            .tick=${this.tick}
            .keys=${this.keys}
            .waits=${(/** @type {string | null} */ id) => desk.waits(id)}
            @row-press=${(/** @type {CustomEvent} */ event) => void desk.act(event.detail)}
          ></ls-rows>
          <p class="soft keys-help">${this.keys ? t("host.keys.help") : t("host.keys.off")}</p>
        </section>
        <section class="side">
          <ls-sale
            .drops=${this.#drops(desk)}
            .products=${this.products}
            .now=${clock.now()}
            .waits=${(/** @type {string | null} */ id) => desk.waits(id)}
            @sale-drop=${(/** @type {CustomEvent} */ event) => void desk.drop(event.detail.plan, event.detail.title)}
            @sale-end=${(/** @type {CustomEvent} */ event) => void desk.endDrop(event.detail.id, event.detail.title)}
          ></ls-sale>
          <div class="tabs" role="group" aria-label=${t("host.side")}>
            ${SIDES.map((side) => this.#tab(side))}
          </div>
          ${this.#side(desk, live)}
        </section>
      </main>
      <div class="toast" role="status" ?hidden=${open === null}>
        ${open && desk.done
          ? html`<span>${t(`host.did.${desk.done.deed}`, { title: desk.done.title })}</span>
              <button @click=${() => this.#undo()}>
                <ls-icon name="undo-2"></ls-icon>${t("host.undo")}
                <kbd aria-hidden="true">⌫</kbd>
                <span class="tabular" aria-hidden="true">${Math.ceil(open.left / 1000)}</span>
              </button>`
          : nothing}
      </div>
      ${endingOf(this)}
    `;
  }

  /** @param {HostDesk} desk @param {import("../models/live.js").Live} live */
  #moderation(desk, live) {
    return html`${topOf(this, desk, live)} ${desk.refused ? this.#alarm(desk, desk.refused) : nothing}
      <main>
        <section class="chat" aria-label=${t("host.talk")}>${this.#talk(desk, live)}</section>
      </main>`;
  }

  /** @param {HostDesk} desk @param {import("../models/live.js").Live} live */
  #side(desk, live) {
    if (this.side === "orders") return html`<ls-orders></ls-orders>`;
    if (this.side === "mail") return html`<ls-mail></ls-mail>`;
    if (this.side === "fairness") return html`<ls-fairness .event=${this.event} .products=${this.products}></ls-fairness>`;
    return this.#talk(desk, live);
  }

  /** @param {HostDesk} desk @param {import("../models/live.js").Live} live */
  #talk(desk, live) {
    return html`<ls-talk .said=${live.said} @talk-hide=${(/** @type {CustomEvent} */ event) => void desk.hide(event.detail)}></ls-talk>`;
  }

  /** @param {Side} side */
  #tab(side) {
    return html`<button aria-pressed=${this.side === side} @click=${() => (this.side = side)}>${t(`host.${side}`)}</button>`;
  }

  #open() {
    this.shown = this.event;
    this.live?.close();
    this.stock = new Map();
    this.media = new ServerClock(local);
    const live = openLive(this.event, {
      changed: () => this.requestUpdate(),
      stock: (drop, left) => {
        this.stock.set(drop, left);
        this.requestUpdate();
      },
      clock: (media, sent, received) => this.media.sample(media, sent, received),
    });
    this.live = live;
    this.desk = new HostDesk({
      api,
      event: this.event,
      language: boot.language,
      on: () => ({
        cues: live.timeline.live(this.media.now()),
        drops: live.timeline.drops.map((drop) => ({ ...drop, left: this.stock.get(drop.id) ?? drop.left })),
      }),
      now: () => clock.now(),
      media: () => this.media.now(),
      key: () => crypto.randomUUID(),
      changed: () => this.requestUpdate(),
    });
    if (this.rank !== "moderator") void this.#load(this.desk);
  }

  /** @param {HostDesk} desk */
  async #load(desk) {
    try {
      [this.products] = await Promise.all([api.get(`/api/products?lang=${boot.language}`), desk.load()]);
      this.failed = false;
    } catch (error) {
      this.#locked(error);
      this.failed = true;
    }
    await this.#count();
  }

  async #count() {
    if (document.hidden || !this.event || this.rank === "moderator") return;
    try {
      this.numbers = await api.get(`/api/host/events/${encodeURIComponent(this.event)}/numbers`);
    } catch (error) {
      this.#locked(error);
    }
  }

  /** The session ended: back to the door. @param {unknown} error */
  #locked(error) {
    if (/** @type {{status?: number}} */ (error).status === 401) this.tell("desk-locked", null);
  }

  /** @param {HostDesk} desk */
  #drops(desk) {
    return desk.on.drops.filter((drop) => drop.state !== "ended");
  }

  /** What the server refused, until it is put away or something succeeds. @param {HostDesk} desk @param {Error & {type?: string}} error */
  #alarm(desk, error) {
    return html`<div class="alarm">
      <p role="alert">${error.type === "offline" ? t("host.offline") : error.message || t("host.failed")}</p>
      <button
        class="bare round"
        aria-label=${t("host.close")}
        @click=${() => {
          desk.refused = null;
          this.requestUpdate();
        }}
      >
        <ls-icon name="x"></ls-icon>
      </button>
    </div>`;
  }

  #undo() {
    void this.desk?.takeBack();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const [target] = event.composedPath();
    const element = target instanceof Element ? target : null;
    const typing = element?.matches("input, select, textarea, dialog, dialog *") ?? false;
    const means = meaning(event, { typing, onControl: element?.matches("button, a, summary") ?? false, enabled: this.keys });
    if (means === null || !this.desk || this.rank === "moderator") return;
    event.preventDefault();
    if (means.do === "undo") this.#undo();
    else if (means.do === "next") void this.desk.pressNext();
    else if (means.do === "row") void this.desk.pressRow(means.key);
    else if (means.do === "chat") this.side = "talk";
  }

  /** Says something to the console around the desk. @param {string} name @param {unknown} detail */
  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  get #playlist() {
    return this.events.find((one) => one.id === this.event)?.playlist ?? "";
  }

  /** The question before the end. */
  get dialog() {
    return /** @type {HTMLDialogElement} */ (this.renderRoot.querySelector("dialog"));
  }
}

customElements.define("ls-desk", Desk);
