"""Customers: the anonymous signed session, what is known of a shopper, export and deletion."""
