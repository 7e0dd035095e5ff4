/** The shop's HTTP interface: JSON in and out, refusals as `Refusal`, the server's clock from every answer. */

/** The time of the server, epoch ms, on every answer of the API. */
const NOW = "laufsteg-now";

/** A refusal of the server, or "offline" when it was not reached. */
export class Refusal extends Error {
  /**
   * @param {string} type the problem's slug
   * @param {number} status
   * @param {any} body
   */
  constructor(type, status, body) {
    super(body?.detail ?? type);
    this.type = type;
    this.status = status;
    this.body = body ?? {};
  }
}

export class Api {
  #fetch;
  #local;
  #clock;

  /**
   * @param {typeof globalThis.fetch} fetch
   * @param {() => number} local this machine's clock, ms
   * @param {import("./clock.js").ServerClock} [clock]
   */
  constructor(fetch, local, clock) {
    this.#fetch = fetch;
    this.#local = local;
    this.#clock = clock;
  }

  /** @param {string} path */
  get(path) {
    return this.#send(path, { method: "GET" });
  }

  /**
   * @param {string} path
   * @param {unknown} body
   * @param {string} [key] the Idempotency-Key of what moves stock or money
   */
  post(path, body, key) {
    const headers = { "Content-Type": "application/json", ...(key ? { "Idempotency-Key": key } : {}) };
    return this.#send(path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  /** @param {string} path @param {unknown} body */
  put(path, body) {
    return this.#send(path, { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  }

  /** @param {string} path */
  delete(path) {
    return this.#send(path, { method: "DELETE" });
  }

  /** @param {string} path @param {RequestInit} init @returns {Promise<any>} */
  async #send(path, init) {
    const sent = this.#local();
    let response, body;
    try {
      response = await this.#fetch(path, init);
      const server = Number(response.headers.get(NOW));
      if (server) this.#clock?.sample(server, sent, this.#local());
      body = response.status === 204 ? null : await response.json();
    } catch {
      throw new Refusal("offline", response?.status ?? 0, null);
    }
    if (!response.ok) throw new Refusal(body?.type ?? "internal", response.status, body);
    return body;
  }
}
