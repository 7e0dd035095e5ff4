"""A drop that everybody wants: 20,000 requests of 2,000 shoppers for 100 units, through two web processes; JSON lines.

On PostgreSQL with fsync, the draw first, then first come first served. Whoever gets a unit goes on to pay it through
the other process: every third card is declined first, and every order is sent twice under its key. The bench fails
unless exactly the units are sold, one to each customer, everybody is answered, the draw recomputes from its published
seed, and the ledger adds up.
"""

import argparse
import asyncio
import json
import secrets
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import aiohttp
import msgspec

from app.config import Config
from app.customers.cookie import Cookies, Session
from app.drops import queries
from app.drops.draw.fairness import deviations
from app.drops.rules import Drop
from app.drops.views import Draw
from app.ledger.clock import now_ms
from app.ledger.engine import Ledger
from app.ledger.ids import new_id
from app.shop.queries import search_orders
from app.shop.verify import verify
from bench._buyers import HOLD, Line, order_of
from bench._shop import SECRET, furnish, open_drop, report, servers, serving

UNITS, SHOPPERS, LINES = 100, 2_000, 1_000
DRAW_MS = 2_000
ANSWERS = {"hold": {201, 409, 429, 503}, "order": {201, 402}}


@dataclass
class Rush:
    """Everybody who asks, what they are answered, and how long that takes."""

    ports: list[int]
    drop: Drop
    answers: dict[str, Counter[int]] = field(default_factory=lambda: {"hold": Counter(), "order": Counter()})
    delays_ms: dict[str, list[float]] = field(default_factory=lambda: {"hold": [], "order": []})
    orders: list[str] = field(default_factory=list)

    async def run(self, requests: int) -> None:
        """So many requests for holds over all lines at once, and the orders that follow from them."""
        sign = Cookies(SECRET).write
        shoppers = [sign(Session(new_id("shp"), now_ms())) for _ in range(SHOPPERS)]
        turns = iter(range(requests))

        async def ask(number: int) -> None:
            line, other = [await self._line(number), await self._line(number + 1)]
            for turn in turns:
                who = turn % SHOPPERS
                path = f"/api/drops/{self.drop.id}/holds"
                status, body = await self._timed("hold", line, path, HOLD, shoppers[who])
                if status == 201:
                    await self._pay(other, json.loads(body)["hold"], who, shoppers[who])
            line.writer.close()
            other.writer.close()

        await asyncio.gather(*(ask(number) for number in range(LINES)))

    async def _line(self, number: int) -> Line:
        return Line(*await asyncio.open_connection("127.0.0.1", self.ports[number % len(self.ports)]))

    async def _pay(self, line: Line, hold: str, who: int, cookie: str) -> None:
        email = f"shopper{who}@example.org"
        for behaviour in ("decline", "approve") if who % 3 == 0 else ("approve",):
            key, body = secrets.token_hex(8), order_of(hold, email, behaviour)
            told = [await self._timed("order", line, "/api/checkout", body, cookie, key) for _ in range(2)]
            assert told[0] == told[1], told
        if told[0][0] == 201:
            self.orders.append(json.loads(told[0][1])["order"])

    async def _timed(
        self, kind: str, line: Line, path: str, body: bytes, cookie: str, key: str | None = None
    ) -> tuple[int, bytes]:
        began = time.perf_counter()
        answer = await line.post(path, body, cookie, key)
        self.delays_ms[kind].append((time.perf_counter() - began) * 1000)
        self.answers[kind][answer[0]] += 1
        return answer


async def _judge(config: Config, rush: Rush) -> list[str]:
    """What went wrong, if anything."""
    ledger = Ledger.of(config)
    async with ledger.read() as conn:
        holds, drop = await queries.granted(conn, rush.drop.id), await queries.find(conn, rush.drop.id)
        orders = await search_orders(conn, state=None, text=None, before=None, limit=10 * UNITS)
    found, _ = await verify(ledger)
    await ledger.close()
    address = f"http://127.0.0.1:{rush.ports[0]}/api/drops/{rush.drop.id}/draw"
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        found += deviations(msgspec.json.decode(await answer.read(), type=Draw))
    if drop is None or drop.sold != UNITS or len(holds) != UNITS:
        found.append(f"{len(holds)} units were granted and {drop and drop.sold} of {UNITS} sold")
    if sorted(rush.orders) != sorted(one.id for one in orders):
        found.append(f"{len(rush.orders)} orders were acknowledged, the ledger has {len(orders)}")
    for who in ("shopper", "email"):
        if len({getattr(one, who) for one in orders}) != len(orders):
            found.append(f"two orders have the same {who}")
    for kind, statuses in rush.answers.items():
        if strange := statuses.keys() - ANSWERS[kind]:
            found.append(f"{kind}: answered {sorted(strange)}")
    return found


def main() -> None:
    """Two web processes, one of which does the duties."""
    parser = argparse.ArgumentParser("python -m bench.rush", description=__doc__.partition("\n")[0])
    parser.add_argument("requests", nargs="?", type=int, default=20_000, help="for units (%(default)s)")
    requests = parser.parse_args().requests
    with servers() as used:
        config = used.config("postgresql")
        asyncio.run(furnish(config))
        with serving(config, processes=2) as processes:
            drop = asyncio.run(open_drop(config, UNITS, draw_ms=DRAW_MS))
            rush = Rush([process.port for process in processes], drop)
            began = time.perf_counter()
            asyncio.run(rush.run(requests))
            took = time.perf_counter() - began
            wrong = asyncio.run(_judge(config, rush))
    for kind, statuses in rush.answers.items():
        told = {str(status): number for status, number in sorted(statuses.items())}
        p99 = round(statistics.quantiles(rush.delays_ms[kind], n=100)[98])
        report(f"rush_{kind}s_answered", statuses.total(), "requests", p99_ms=p99, answers=told)
    report("rush_sold", len(rush.orders), "orders", units=UNITS, shoppers=SHOPPERS, wall_s=round(took, 2))
    report("rush_wrong", len(wrong), "findings", found=wrong)
    if wrong or rush.answers["hold"].total() != requests:
        sys.exit("; ".join(wrong) or "somebody was not answered")


if __name__ == "__main__":
    main()
