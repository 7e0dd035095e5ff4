/** The watch page: everything is in its element; the skip link leads past the picture to what can be bought. */
import "../elements/watch.js";

const watch = /** @type {import("../elements/watch.js").Watch} */ (document.querySelector("ls-watch"));
document.querySelector(".skip")?.addEventListener("click", (event) => {
  event.preventDefault();
  watch.toLooks();
});
