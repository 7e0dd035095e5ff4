/** The real stage: orders to the host API. Cues and drops begin on the newest ingested frame, that of the order. */

/**
 * @typedef {import("./host-rundown.js").Row} Row
 * @typedef {import("./host-rundown.js").PlannedDrop} PlannedDrop
 * @typedef {{post: (path: string, body: unknown, key?: string) => Promise<any>, delete: (path: string) => Promise<any>}} Api
 */

/** From the opening until unsold units go back to the shelf. */
export const OPEN_MS = 60_000;
export const OPENS_AFTER_MS = 8000;
export const DRAW_MS = 3000;

export class Stage {
  #api;
  #event;
  #now;
  #key;

  /**
   * @param {Api} api
   * @param {string} event
   * @param {() => number} now the server's clock, epoch ms
   * @param {() => string} key makes an idempotency key
   */
  constructor(api, event, now, key) {
    this.#api = api;
    this.#event = event;
    this.#now = now;
    this.#key = key;
  }

  /** @param {Row} row @returns {Promise<string>} the cue's id */
  async show(row) {
    const [x, y] = row.anchor ?? [];
    const { id } = await this.#api.post(this.#path("cues"), {
      kind: row.kind,
      products: row.products,
      duration_ms: Math.round((row.seconds ?? 8) * 1000),
      ...(x === undefined || y === undefined ? {} : { anchor: { x, y } }),
    });
    return id;
  }

  /**
   * Ends a cue on the frame that is the newest now.
   * @param {string} id
   * @param {number} media the newest media time that is known, epoch ms
   */
  async endCue(id, media) {
    await this.#api.delete(`${this.#path("cues")}/${encodeURIComponent(id)}?at_ms=${Math.round(media)}`);
  }

  /** @param {PlannedDrop} plan @returns {Promise<string>} the drop's id */
  async drop(plan) {
    const opens = plan.opens_after_ms ?? OPENS_AFTER_MS;
    const { id } = await this.#api.post(
      "/api/drops",
      {
        event: this.#event,
        sku: plan.sku,
        variant: plan.variant,
        quantity: plan.quantity,
        per_customer: plan.per_customer ?? 1,
        opens_after_ms: opens,
        draw_ms: plan.draw_ms ?? DRAW_MS,
        closes_at: new Date(this.#now() + opens + (plan.open_ms ?? OPEN_MS)).toISOString(),
        ...(plan.confirm_email ? { confirm_email: true } : {}),
      },
      this.#key(),
    );
    return id;
  }

  /** @param {string} id */
  async endDrop(id) {
    await this.#api.delete(`/api/drops/${encodeURIComponent(id)}`);
  }

  async undo() {
    await this.#api.post(`/api/host/events/${encodeURIComponent(this.#event)}/undo`, {});
  }

  /** @param {string} what */
  #path(what) {
    return `/api/events/${encodeURIComponent(this.#event)}/${what}`;
  }
}
