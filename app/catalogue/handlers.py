"""The catalogue over HTTP: products with their live stock, and their pictures."""

import asyncio
import re
from pathlib import Path
from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from app import keys
from app.catalogue import queries, views
from app.catalogue.folder import catalogue_folder
from app.catalogue.product import ID_PATTERN, PICTURE_PATTERN, STOCK_LIMIT
from app.edge import json_response, read_json
from app.errors import Conflict, NotFound
from app.host.guard import host_only
from app.language import language_of

IMMUTABLE = "public, max-age=31536000, immutable"
# Without the version in the address the browser asks again, which an ETag answers without the picture.
REVALIDATE = "no-cache"
TYPES = {".webp": "image/webp", ".png": "image/png", ".jpg": "image/jpeg", ".avif": "image/avif"}


class StockChange(Struct, forbid_unknown_fields=True):
    """Units to add, or with a minus to take away."""

    by: Annotated[int, Meta(gt=-STOCK_LIMIT, lt=STOCK_LIMIT)]


async def products(request: web.Request) -> web.Response:
    """GET /api/products: every product in the shop's order."""
    async with request.app[keys.LEDGER].read() as conn:
        found = await views.summaries(conn, None, language_of(request))
    return json_response(found)


async def product(request: web.Request) -> web.Response:
    """GET /api/products/{sku}: one product with everything that its sheet shows."""
    sku = request.match_info["sku"]
    async with request.app[keys.LEDGER].read() as conn:
        found = await queries.shelves(conn, [sku]) if re.fullmatch(ID_PATTERN, sku) else []
    if not found:
        raise NotFound("There is no such product in this shop; see /api/products.")
    return json_response(views.full(found[0], language_of(request)))


async def picture(request: web.Request) -> web.StreamResponse:
    """GET /media/products/{sku}/{file}: a picture, immutable when its version is asked for."""
    sku, file = request.match_info["sku"], request.match_info["file"]
    # The patterns know neither slash nor a leading dot, so the path cannot leave the folder.
    if not re.fullmatch(ID_PATTERN, sku) or not re.fullmatch(PICTURE_PATTERN, file):
        raise NotFound("There is no such picture.")
    async with request.app[keys.LEDGER].read() as conn:
        known = await queries.picture_version(conn, sku, file)
    path = catalogue_folder(request.app[keys.CONFIG]) / sku / file
    if known is None or not await asyncio.to_thread(_is_plain_file, path):
        raise NotFound("There is no such picture.")
    caching = IMMUTABLE if request.query.get("v") == known else REVALIDATE
    headers = {"Cache-Control": caching, "Content-Type": TYPES[path.suffix], "X-Content-Type-Options": "nosniff"}
    return web.FileResponse(path, headers=headers)


@host_only
async def change_stock(request: web.Request) -> web.Response:
    """POST /api/variants/{id}/stock: put units on the shelf or take free ones away."""
    variant = request.match_info["id"]
    change = await read_json(request, StockChange)
    async with request.app[keys.LEDGER].write() as conn:
        if not re.fullmatch(ID_PATTERN, variant) or not await queries.listings_of(conn, [variant]):
            raise NotFound("There is no such variant; see /api/products.")
        left = await queries.adjust(conn, variant, change.by)
    if left is None:
        raise Conflict("There are not that many free units; the others are sold, reserved or in a drop.")
    return json_response({"id": variant, "left": left})


def _is_plain_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
