/** The checkout page: everything is in its element. */
import "../elements/checkout.js";

if (window.parent !== window) document.documentElement.classList.add("embedded");
