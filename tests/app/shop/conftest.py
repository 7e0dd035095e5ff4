"""A shop on each kind of ledger."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.app.shopping import Browser, ManualClock, Shop, open_shop


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def shop(emptied_url: str, redis_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Shop]:
    """A running shop with some of the demo's products, once on SQLite and once on PostgreSQL."""
    async with open_shop(emptied_url, redis_url, tmp_path / "data", clock) as opened:
        yield opened


@pytest.fixture
async def browser(shop: Shop) -> Browser:
    return shop.browser()
