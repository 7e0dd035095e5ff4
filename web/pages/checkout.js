/** The checkout page: everything is in its element. */
import "../elements/checkout.js";
