"""The name under which a shopper chats: friendly, stable during an event, and not to be traced back. Pure."""

import hashlib
import hmac

# Words for cloth and stones that read alike in many languages.
WORDS = (
    "Agate", "Alpaca", "Amber", "Angora", "Batik", "Beryl", "Bouclé", "Brocade", "Cashmere", "Chambray", "Chiffon",
    "Coral", "Damask", "Denim", "Gabardine", "Garnet", "Georgette", "Ikat", "Indigo", "Jacquard", "Jade", "Jasper",
    "Jersey", "Kimono", "Lamé", "Linen", "Loden", "Merino", "Mohair", "Moiré", "Mousseline", "Onyx", "Opal", "Organza",
    "Paisley", "Pashmina", "Pearl", "Percale", "Piqué", "Plissé", "Popeline", "Quartz", "Ramie", "Satin", "Shantung",
    "Sienna", "Tartan", "Topaz", "Tulle", "Tweed", "Velours", "Vichy", "Viscose", "Zircon",
)  # fmt: skip
NUMBERS = 1000


def name_of(shopper: str, event: str, secret: str) -> str:
    """The pseudonym, such as "Satin 217". Another event gives another one; without the secret it tells nothing."""
    digest = hmac.digest(secret.encode(), f"chat\n{event}\n{shopper}".encode(), hashlib.sha256)
    number = int.from_bytes(digest[:8], "big")
    word, place = divmod(number, NUMBERS)
    return f"{WORDS[word % len(WORDS)]} {place:03d}"
