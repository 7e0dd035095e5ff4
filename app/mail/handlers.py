"""The outbox over HTTP, for the host."""

from aiohttp import web

from app import keys
from app.edge import json_response
from app.host.guard import host_only
from app.ledger.clock import rfc3339
from app.mail import queries
from app.mail.receipts import written_out
from app.shop.order_handlers import cursor, page_limit


@host_only
async def outbox(request: web.Request) -> web.Response:
    """GET /api/outbox: every mail, newest first."""
    limit = page_limit(request.query.get("limit"))
    texts, public_url = request.app[keys.DESK].texts, request.app[keys.CONFIG].public_url
    async with request.app[keys.LEDGER].read() as conn:
        letters = await queries.newest(conn, cursor(request.query.get("before")), limit)
        letters = await written_out(conn, texts, public_url, letters)
    mails = [
        {
            "id": letter.id,
            "state": letter.state,
            "to": letter.recipient,
            "subject": letter.subject,
            "text": letter.text,
            "language": letter.language,
            "created_at": rfc3339(letter.created_ms),
            "sent_at": None if letter.sent_ms is None else rfc3339(letter.sent_ms),
            "order": letter.order_id,
            "error": letter.error,
        }
        for letter in letters
    ]
    more = f"{letters[-1].created_ms}.{letters[-1].id}" if len(letters) == limit else None
    return json_response({"mails": mails, "next": more})
