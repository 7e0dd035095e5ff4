/** A page that is only read: its language can be changed. */
import "../elements/language.js";
