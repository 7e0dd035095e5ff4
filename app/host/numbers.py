"""GET /api/host/events/{event}/numbers: what the console shows while the show runs."""

from typing import Any

import msgspec
from aiohttp import web

from app import keys
from app.catalogue import queries as catalogue
from app.drops import queries as drops
from app.drops import rules
from app.edge import json_response
from app.errors import NotFound
from app.host import queries
from app.host.guard import host_only
from app.media.client import MediaState
from app.show import queries as show

MINUTE_MS = 60_000


class Ingest(msgspec.Struct, frozen=True):
    """How well the picture arrives. `behind_ms`: how old the newest frame is by the server's clock."""

    live: bool
    source: str | None
    mode: str | None
    width: int
    height: int
    fps: float
    kbps: int
    loss: int
    behind_ms: int | None
    key_frame_age_s: float | None
    disk: str | None


class DropFigures(msgspec.Struct, frozen=True):
    """A drop's stock."""

    id: str
    sku: str
    variant: str
    state: str
    quantity: int
    held: int
    reserved: int
    sold: int
    left: int


class Money(msgspec.Struct, frozen=True):
    """An amount in minor units."""

    amount: int
    currency: str


class Numbers(msgspec.Struct, frozen=True):
    """The answer. Orders and revenue count since the show began; revenue is net of refunds, one entry a currency."""

    event: str
    state: str
    viewers: int
    orders: int
    orders_per_minute: int
    revenue: list[Money]
    drops: list[DropFigures]
    products: list[dict[str, Any]]
    ingest: Ingest
    dropped_connections: int
    mirrors: int


@host_only
async def numbers(request: web.Request) -> web.StreamResponse:
    """GET /api/host/events/{event}/numbers: the event's numbers as of now. 404 for an unknown event."""
    app, event_id = request.app, request.match_info["event"]
    now_ms = app[keys.CLOCK]()
    async with app[keys.LEDGER].read() as conn:
        event = await show.event(conn, event_id)
        if event is None:
            raise NotFound(f"There is no event {event_id!r}.")
        taken = await queries.takings(conn, event.since_ms or 0)
        recent = await queries.takings(conn, now_ms - MINUTE_MS)
        found = await drops.of_event(conn, event_id)
        shelves = await catalogue.shelves(conn, event.rundown.products() or None)
    feed = await app[keys.LIVE].feed(event_id)
    return json_response(
        Numbers(
            event=event_id,
            state=feed.state,
            viewers=feed.viewers,
            orders=sum(one.orders for one in taken),
            orders_per_minute=sum(one.orders for one in recent),
            revenue=[Money(one.amount, one.currency) for one in taken],
            drops=[_drop(drop, now_ms) for drop in found],
            products=[_shelf(shelf) for shelf in shelves],
            ingest=_ingest(app[keys.MEDIA_CLIENT].state(event_id), now_ms),
            dropped_connections=app[keys.DOOR].stage.deliveries.flooded,
            mirrors=len(app[keys.MIRRORS]),
        )
    )


def _ingest(state: MediaState, now_ms: int) -> Ingest:
    return Ingest(
        live=state.live,
        source=state.source,
        mode=state.health.mode,
        width=state.width,
        height=state.height,
        fps=state.health.fps or state.fps,
        kbps=state.health.kbps,
        loss=state.health.loss,
        behind_ms=max(0, now_ms - state.newest_ms) if state.live else None,
        key_frame_age_s=state.health.key_frame_age_s,
        disk=state.health.disk,
    )


def _drop(drop: rules.Drop, now_ms: int) -> DropFigures:
    return DropFigures(
        drop.id, drop.sku, drop.variant, rules.state(drop, now_ms), drop.quantity, drop.held, drop.reserved, drop.sold,
        drop.left,
    )  # fmt: skip


def _shelf(shelf: catalogue.Shelf) -> dict[str, Any]:
    sizes = [{"id": one.id, "size": one.size, "left": one.left} for one in shelf.variants]
    return {"sku": shelf.listing.product.sku, "left": sum(one.left for one in shelf.variants), "variants": sizes}
