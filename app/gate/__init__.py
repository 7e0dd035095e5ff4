"""The gate: Redis decides fast and may be lost at any moment; the ledger is the truth."""
