"""Mail: written into the ledger with what it reports, delivered at least once, never twice by the same key."""
