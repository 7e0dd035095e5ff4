"""The catalogue: products from a merchant's files, their variants' stock, their pictures."""
