"""Disputes: a bank takes a payment back, or wants to, after its order was paid."""
