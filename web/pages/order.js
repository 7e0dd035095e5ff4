/** The order page: everything is in its elements. */
import "../elements/language.js";
import "../elements/order.js";
