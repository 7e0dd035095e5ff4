"""The shop: cart, checkout, orders, money and tax."""
