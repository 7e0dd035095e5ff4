/**
 * The browser's way back: its back button closes what is open beside the show instead of leaving it, and the address
 * names the piece that is open, so that it survives a reload and can be shared.
 *
 * One entry of the history is laid on the page's own and used again and again; what came with the link itself needs none.
 */

/** A product in the address of a show. */
const PIECE = "piece";

/** The piece that the address asks for. */
export function pieceAsked() {
  return new URLSearchParams(location.search).get(PIECE);
}

export class WayBack {
  #shut;

  /** @param {() => boolean} shut closes what is open, and tells whether anything was */
  constructor(shut) {
    this.#shut = shut;
  }

  connect() {
    addEventListener("popstate", this.#travel);
  }

  disconnect() {
    removeEventListener("popstate", this.#travel);
  }

  /** Something was opened: the piece, or what has no address. @param {string | undefined} piece */
  opened(piece) {
    const address = addressOf(piece);
    if (piece && address === location.href) return;
    if (history.state?.beside || pieceAsked()) history.replaceState(history.state, "", address);
    else history.pushState({ beside: true }, "", address);
  }

  /** The page closed it by itself. */
  closed() {
    history.replaceState(history.state, "", addressOf(undefined));
  }

  #travel = () => {
    if (history.state?.beside) return; // forward: nothing is opened by itself
    if (!this.#shut()) history.back(); // the entry was empty already: the shopper wants to go
  };
}

/** @param {string | undefined} piece */
function addressOf(piece) {
  const address = new URL(location.href);
  if (piece) address.searchParams.set(PIECE, piece);
  else address.searchParams.delete(PIECE);
  return address.href;
}
