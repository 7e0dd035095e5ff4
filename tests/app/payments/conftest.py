"""A shop that takes payments through a Stripe-shaped server, on each kind of ledger."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.app.payments.paying import account
from tests.app.payments.stripe_server import StripeServer
from tests.app.shopping import Browser, ManualClock, Shop, open_shop


@pytest.fixture
def stripe() -> StripeServer:
    return StripeServer()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def shop(
    emptied_url: str, redis_url: str, tmp_path: Path, clock: ManualClock, stripe: StripeServer
) -> AsyncIterator[Shop]:
    """A running shop, once on SQLite and once on PostgreSQL."""
    async with (
        stripe.serve() as url,
        open_shop(emptied_url, redis_url, tmp_path / "data", clock, stripe=account(url)) as opened,
    ):
        yield opened
        await opened.desk.close()


@pytest.fixture
async def browser(shop: Shop) -> Browser:
    return shop.browser()
