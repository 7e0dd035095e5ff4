"""Receipts are written out when they are sent or read: until then the order, which never changes, says all of it."""

from collections.abc import Sequence

from msgspec.structs import replace

from app.ledger.connection import Connection
from app.ledger.ids import akin
from app.mail.letters import receipt
from app.mail.queries import Letter
from app.mail.texts import MailTexts
from app.shop import queries as shop
from app.shop.snapshot import Snapshot, decoded


def due_receipt(snapshot: Snapshot, order: str, at_ms: int) -> Letter:
    """The paid order's receipt, once an order, still without words."""
    return Letter(
        id=akin(order, "mail"),
        key=None,
        recipient=snapshot.email,
        subject="",
        text="",
        language=snapshot.language,
        order_id=order,
        state="waiting",
        tries=0,
        due_ms=at_ms,
        created_ms=at_ms,
    )


async def written_out(conn: Connection, texts: MailTexts, public_url: str, letters: Sequence[Letter]) -> list[Letter]:
    """The letters, each with its words."""
    wordless = [letter.order_id for letter in letters if letter.order_id and not letter.text]
    orders = {order.id: order for order in (await shop.orders_by_id(conn, wordless) if wordless else ())}
    return [
        letter if letter.text or letter.order_id not in orders
        else _written(letter, texts, decoded(orders[letter.order_id].document), public_url)
        for letter in letters
    ]  # fmt: skip


def _written(letter: Letter, texts: MailTexts, snapshot: Snapshot, public_url: str) -> Letter:
    subject, text = receipt(texts, snapshot, letter.order_id or "", letter.created_ms, public_url)
    return replace(letter, subject=subject, text=text)
