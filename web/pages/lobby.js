/** The lobby page: everything is in its elements. */
import "../elements/language.js";
import "../elements/lobby.js";
