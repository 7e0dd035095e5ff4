/** Renders its element again after the shop's changes. */
import { changes } from "../shop.js";

export class Follow {
  #host;
  #names;
  #update = () => this.#host.requestUpdate();

  /**
   * @param {import("lit").ReactiveControllerHost} host
   * @param {...("cart" | "holds" | "products" | "me")} names
   */
  constructor(host, ...names) {
    this.#host = host;
    this.#names = names;
    host.addController(this);
  }

  hostConnected() {
    for (const name of this.#names) changes.addEventListener(name, this.#update);
  }

  hostDisconnected() {
    for (const name of this.#names) changes.removeEventListener(name, this.#update);
  }
}
