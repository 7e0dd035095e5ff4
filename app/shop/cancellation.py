"""Call an order off before it is on its way: its payment is stopped, or its money and its units go back."""

from app.errors import Conflict, NotFound
from app.ledger.engine import Ledger
from app.shop import queries
from app.shop.attempt import Attempt
from app.shop.refunds import RefundBody, Refunds
from app.shop.upkeep import Upkeep


class Cancellation:
    """Cancels orders, paid or on their way there."""

    def __init__(self, ledger: Ledger, upkeep: Upkeep, refunds: Refunds) -> None:
        self._ledger = ledger
        self._upkeep = upkeep
        self._refunds = refunds

    async def cancel(self, order_id: str, *, key: str) -> None:
        """Call it off, once a key. Raises NotFound, Conflict or ProviderDown."""
        async with self._ledger.read() as conn:
            attempt = await queries.attempt_of_order(conn, order_id)
        if attempt is None:
            raise NotFound("There is no such order.")
        if attempt.open:
            attempt = await self._stop(attempt)
        if attempt.open:
            raise Conflict("The bank is paying right now and cannot be stopped; cancel it when it is paid.")
        async with self._ledger.read() as conn:
            paid = await queries.order_by_id(conn, order_id)
        if paid is not None:
            await self._refunds.refund(order_id, RefundBody(), key=key, fingerprint="cancel", cancel=True)

    async def _stop(self, attempt: Attempt) -> Attempt:
        await self._upkeep.call_off(attempt)
        async with self._ledger.read() as conn:
            return await queries.attempt_by_id(conn, attempt.id) or attempt
