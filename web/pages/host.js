/** The host console's page: everything is in its element. */
import "../elements/host.js";
