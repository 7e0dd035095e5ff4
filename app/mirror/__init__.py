"""The mirror's road: the browser's frame socket in web, the fitting workers, and what lies between them."""
