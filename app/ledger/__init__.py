"""The ledger: the SQL truth about stock and orders. A domain's tables and SQL live beside the domain."""
