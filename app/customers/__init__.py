"""Customers: the anonymous signed session, what is known of a shopper, export and deletion."""

from app.customers.sessions import shopper

__all__ = ["shopper"]
