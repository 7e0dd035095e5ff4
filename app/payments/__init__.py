"""Payments: one small provider interface, the sandbox behind it, and the refusal of card numbers."""
