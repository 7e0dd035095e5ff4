import asyncio

import pytest

from app.gate import counters
from app.gate.connection import Gate


async def test_a_counter_sums_over_processes(gate: Gate) -> None:
    assert await counters.report(gate, "viewers:gala", "web-1", 3) == 3
    assert await counters.report(gate, "viewers:gala", "web-2", 4) == 7
    assert await counters.report(gate, "viewers:gala", "web-1", 1) == 5
    assert await counters.report(gate, "viewers:other", "web-1", 2) == 2


async def test_a_process_that_falls_silent_is_forgotten(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(counters, "FORGOTTEN_AFTER_MS", 50)
        await counters.report(gate, "viewers:gala", "web-1", 3)
    await counters.report(gate, "viewers:gala", "web-2", 1)
    await asyncio.sleep(0.06)
    assert await counters.report(gate, "viewers:gala", "web-2", 1) == 1
