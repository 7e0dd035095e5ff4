/** <ls-host-order>: one order of the list: where it is, and what the host does with it, each in two deliberate steps. */

import { LitElement, css, html, nothing } from "lit";

import { t, texts } from "../page.js";
import { api } from "../shop.js";
import { base, buttons } from "./shared.js";

/**
 * @typedef {{amount: number, currency: string}} Money
 * @typedef {{order: string, number: string | null, state: string, steps: string[], created_at: string, email: string, name: string,
 *   total: Money, refunded: Money, dispute: "open" | "lost" | "won" | null}} Order
 * @typedef {{line: number, title: string, quantity: number, refunded: number, price: Money}} Line
 */

/** These move money and have a question of their own. */
const MONEY = ["cancelled", "refunded"];

export class HostOrder extends LitElement {
  static properties = {
    order: { attribute: false },
    asked: { state: true },
    lines: { state: true },
    busy: { state: true },
    problem: { state: true },
  };

  static styles = [
    base,
    buttons,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: var(--space-1) var(--space-3);
        align-items: center;
        padding-block: var(--space-2);
      }
      .sum {
        text-align: end;
      }
      .acts {
        grid-column: 1 / -1;
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
      }
      p {
        inline-size: 100%;
      }
      .problem {
        color: var(--accent);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Order} */
    this.order = /** @type {any} */ (undefined);
    /** What waits for its second step. @type {"" | "step" | "refund" | "cancel"} */
    this.asked = "";
    /** What can still be refunded, piece by piece. @type {Line[]} */
    this.lines = [];
    this.busy = false;
    this.problem = "";
  }

  render() {
    const { order } = this;
    const number = order.number ?? order.order.slice(0, 12);
    return html`<span>
        <a href=${`/orders/${order.order}`} target="_blank" rel="noopener">${number}</a> ${order.name}<br />
        <span class="soft">${texts.time(order.created_at)} · ${t(`host.order.${order.state}`)}</span>
        ${order.dispute ? html`<br /><span class=${order.dispute === "won" ? "soft" : "problem"}>${t(`host.dispute.${order.dispute}`)}</span>` : nothing}
      </span>
      <span class="sum tabular">
        ${texts.money(order.total)}
        ${order.refunded.amount ? html`<br /><span class="soft">−${texts.money(order.refunded)}</span>` : nothing}
      </span>
      <div class="acts" role="group" aria-label=${t("order.number", { number })}>
        ${this.problem ? html`<p class="problem" role="alert">${t(this.problem)}</p>` : nothing} ${this.#acts()}
      </div>`;
  }

  #acts() {
    const { order, busy } = this;
    const keep = html`<button class="bare" data-keep @click=${() => this.#ask("")}>${t("host.orders.keep")}</button>`;
    switch (this.asked) {
      case "step":
        return html`${this.#disputed ? html`<p class="problem">${t("host.orders.step.disputed")}</p>` : nothing}
        ${this.#steps.map(
          (state) => html`<button ?disabled=${busy} data-state=${state} @click=${() => this.#step(state)}>
            ${t("host.orders.step.to", { state: t(`host.order.${state}`) })}
          </button>`,
        )}
        ${keep}`;
      case "refund":
        return html`<button ?disabled=${busy} @click=${() => this.#refund()}>
            ${t("host.orders.refund.yes", { total: texts.money(rest(order)) })}
          </button>
          ${this.lines.map(
            (line) => html`<button class="bare" ?disabled=${busy} data-line=${line.line} @click=${() => this.#refund(line.line)}>
              ${t("host.orders.refund.line", { title: line.title, price: texts.money(line.price) })}
            </button>`,
          )}
          ${keep}`;
      case "cancel":
        return html`<button ?disabled=${busy} data-end @click=${() => this.#cancel()}>${t("host.orders.cancel.yes")}</button>${keep}`;
      default:
        return html`${this.#steps.length
          ? html`<button class="bare" data-step @click=${() => this.#ask("step")}>${t("host.orders.step")}</button>`
          : nothing}
        ${order.steps.includes("refunded") && rest(order).amount > 0
          ? html`<button class="bare" data-refund @click=${this.#askRefund}>${t("host.orders.refund")}</button>`
          : nothing}
        ${order.steps.includes("cancelled")
          ? html`<button class="bare" data-cancel @click=${() => this.#ask("cancel")}>${t("host.orders.cancel")}</button>`
          : nothing}`;
    }
  }

  /** Where the goods can go from here. */
  get #steps() {
    return this.order.steps.filter((state) => !MONEY.includes(state));
  }

  get #disputed() {
    return this.order.dispute === "open" || this.order.dispute === "lost";
  }

  /** The buttons change under the focus: it goes to the one that does no harm. @param {HostOrder["asked"]} what */
  async #ask(what) {
    this.asked = what;
    this.problem = "";
    await this.updateComplete;
    const [next] = ["[data-keep]", ".acts button", "a"].flatMap((selector) => [...this.renderRoot.querySelectorAll(selector)]);
    /** @type {HTMLElement | undefined} */ (next)?.focus();
  }

  #askRefund = async () => {
    this.lines = [];
    await this.#ask("refund");
    try {
      const { lines } = await api.get(this.#path);
      this.lines = lines.filter((/** @type {Line} */ line) => line.refunded < line.quantity);
    } catch {
      // The whole can be refunded without its lines.
    }
  };

  /** @param {string} state */
  async #step(state) {
    const despite = this.#disputed ? { despite_dispute: true } : {};
    await this.#act("state", { state, ...despite }, "host.orders.step.failed");
  }

  /**
   * All that is left, or one piece of a line.
   * @param {number} [line]
   */
  async #refund(line) {
    const { order, refunded } = this.order;
    // The same order and the same rest are the same refund, however often the button is hit.
    const key = `console-${order}-${refunded.amount}-${line ?? "all"}`.slice(0, 100);
    const body = line === undefined ? {} : { lines: [{ line, quantity: 1 }] };
    await this.#act("refund", body, "host.orders.refund.failed", key);
  }

  async #cancel() {
    await this.#act("cancel", {}, "host.orders.cancel.failed", `console-${this.order.order}-cancel`.slice(0, 100));
  }

  /** @param {string} what @param {object} body @param {string} failed @param {string} [key] */
  async #act(what, body, failed, key) {
    this.busy = true;
    try {
      await api.post(`${this.#path}/${what}`, body, key);
      await this.#ask("");
    } catch {
      this.problem = failed;
    }
    this.busy = false;
    // Refused, too: it may have moved on elsewhere.
    this.dispatchEvent(new Event("changed"));
  }

  get #path() {
    return `/api/orders/${encodeURIComponent(this.order.order)}`;
  }
}

/** @param {Order} order */
function rest({ total, refunded }) {
  return { amount: total.amount - refunded.amount, currency: total.currency };
}

customElements.define("ls-host-order", HostOrder);
