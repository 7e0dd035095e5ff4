/**
 * <ls-snapshots>: the pictures the shopper took. They live in this page's memory; they leave it only by the
 * shopper's own download or share. One is seen large, two are compared side by side. Announces `snapshot-wear` {garments}.
 */

import { LitElement, html, nothing } from "lit";

import { t } from "../page.js";
import { snapshotStyle } from "./fitting-snapshots-style.js";

/** Pictures that one still compares; each is some 100 kB of memory. */
export const SNAPSHOT_LIMIT = 8;

/** @typedef {{id: number, url: string, blob: Blob, garments: readonly string[], words: string}} Snapshot */

export class Snapshots extends LitElement {
  static properties = { snapshots: { state: true }, chosen: { state: true }, sharing: { state: true } };

  static styles = snapshotStyle;

  constructor() {
    super();
    /** Newest first. @type {Snapshot[]} */
    this.snapshots = [];
    /** What the dialog shows: one or two ids. @type {number[]} */
    this.chosen = [];
    this.sharing = "";
    this.taken = 0;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    for (const { url } of this.snapshots) URL.revokeObjectURL(url);
    this.snapshots = [];
  }

  /**
   * @param {Blob} blob
   * @param {readonly string[]} garments
   * @param {string} words what is worn
   */
  add(blob, garments, words) {
    this.taken += 1;
    const snapshot = { id: this.taken, url: URL.createObjectURL(blob), blob, garments, words };
    for (const { url } of this.snapshots.slice(SNAPSHOT_LIMIT - 1)) URL.revokeObjectURL(url);
    this.snapshots = [snapshot, ...this.snapshots].slice(0, SNAPSHOT_LIMIT);
  }

  render() {
    if (this.snapshots.length === 0) return nothing;
    return html`
      <ul aria-label=${t("fitting.snapshots")}>
        ${this.snapshots.map(
          (one, n) => html`<li>
            <button class="thumb" aria-label=${this.#name(one, n)} @click=${() => this.#open([one.id])}>
              <img src=${one.url} alt="" />
            </button>
          </li>`,
        )}
        ${this.snapshots.length > 1
          ? html`<li>
              <button class="compare" @click=${() => this.#open(this.snapshots.slice(0, 2).map((one) => one.id))}>
                <ls-icon name="split"></ls-icon>${t("fitting.compare")}
              </button>
            </li>`
          : nothing}
      </ul>
      <dialog aria-label=${t("fitting.snapshots")} @close=${() => this.#closed()} @click=${this.#backdrop}>${this.#inside()}</dialog>
    `;
  }

  #inside() {
    const shown = this.chosen.flatMap((id) => this.snapshots.find((one) => one.id === id) ?? []);
    if (shown.length === 0) return nothing;
    return html`
      <header>
        <h2>${shown.length > 1 ? t("fitting.compare") : t("fitting.snapshot")}</h2>
        <button class="bare round" aria-label=${t("fitting.close")} @click=${() => this.#dialog.close()}>
          <ls-icon name="x"></ls-icon>
        </button>
      </header>
      <div class="pictures ${shown.length > 1 ? "two" : ""}">${shown.map((one, at) => this.#picture(one, at))}</div>
      ${this.snapshots.length > 1 ? this.#choice(shown) : nothing}
      <p class="soft" role="status">${this.sharing || t("fitting.snapshot.stays")}</p>
    `;
  }

  /** @param {Snapshot} one @param {number} at */
  #picture(one, at) {
    const file = new File([one.blob], `laufsteg-${one.id}.jpg`, { type: "image/jpeg" });
    const shareable = navigator.canShare?.({ files: [file] }) ?? false;
    return html`<figure data-at=${at}>
      <img src=${one.url} alt=${one.words} />
      <figcaption>${one.words}</figcaption>
      <div class="acts">
        <button @click=${() => this.#wear(one)}><ls-icon name="shirt"></ls-icon>${t("fitting.wear-this")}</button>
        <a class="button" href=${one.url} download=${file.name}>
          <ls-icon name="download"></ls-icon>${t("fitting.download")}
        </a>
        ${shareable
          ? html`<button @click=${() => this.#share(file)}>
              <ls-icon name="send-horizontal"></ls-icon>${t("fitting.share")}
            </button>`
          : nothing}
        <button class="bare round" aria-label=${t("fitting.delete")} @click=${() => this.#remove(one)}>
          <ls-icon name="trash-2"></ls-icon>
        </button>
      </div>
    </figure>`;
  }

  /** Which other picture stands beside the first. @param {Snapshot[]} shown */
  #choice(shown) {
    const [first, second] = shown;
    return html`<div class="choice" role="group" aria-label=${t("fitting.compare-with")}>
      <span class="caps soft">${t("fitting.compare-with")}</span>
      ${this.snapshots.map((one, n) =>
        one.id === first?.id
          ? nothing
          : html`<button
              class="thumb"
              aria-pressed=${one.id === second?.id}
              aria-label=${this.#name(one, n)}
              @click=${() => (this.chosen = [first?.id ?? one.id, ...(one.id === second?.id ? [] : [one.id])])}
            >
              <img src=${one.url} alt="" />
            </button>`,
      )}
    </div>`;
  }

  /** @param {Snapshot} one @param {number} n */
  #name(one, n) {
    return t("fitting.snapshot-n", { n: this.snapshots.length - n, words: one.words });
  }

  /** @param {number[]} ids */
  async #open(ids) {
    this.sharing = "";
    this.chosen = ids;
    await this.updateComplete;
    this.#dialog.showModal();
  }

  #closed() {
    this.chosen = [];
  }

  /** A tap beside the dialog closes it. @param {MouseEvent} event */
  #backdrop(event) {
    if (event.target === event.currentTarget) this.#dialog.close();
  }

  /** @param {Snapshot} one */
  #wear(one) {
    this.#dialog.close();
    this.dispatchEvent(
      new CustomEvent("snapshot-wear", { detail: { garments: one.garments }, bubbles: true, composed: true }),
    );
  }

  /** @param {File} file */
  async #share(file) {
    try {
      await navigator.share({ files: [file] });
      this.sharing = t("fitting.shared");
    } catch (error) {
      // The shopper changed their mind: nothing to say.
      if (!(error instanceof DOMException && error.name === "AbortError")) this.sharing = t("fitting.not-shared");
    }
  }

  /** @param {Snapshot} one */
  #remove(one) {
    URL.revokeObjectURL(one.url);
    this.snapshots = this.snapshots.filter((other) => other !== one);
    this.chosen = this.chosen.filter((id) => id !== one.id);
    if (this.chosen.length === 0) this.#dialog?.close();
  }

  get #dialog() {
    return /** @type {HTMLDialogElement} */ (this.renderRoot.querySelector("dialog"));
  }
}

customElements.define("ls-snapshots", Snapshots);
