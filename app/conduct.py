"""How every request is met: counted and timed, refused when a page of another site sent it, and answered whatever
happens. One middleware, because each costs every request as much as finding its route does.
"""

import time
from typing import Any

from aiohttp import web

from app.errors import refuse_nameless, refused
from app.metrics import METRICS, route_of
from app.origin import refuse_foreign
from app.pages import error_page


@web.middleware
async def conduct(request: web.Request, handler: Any) -> web.StreamResponse:
    """Answer a request with what `handler` answers, or with why it does not."""
    started, status = time.perf_counter(), 500
    try:
        refuse_nameless(request)
        refuse_foreign(request)
        answer: web.StreamResponse = await handler(request)
        status = answer.status
    except Exception as error:
        answer = error_page(request, refused(request, error))
        status = answer.status
    finally:
        # Websockets count when they end and are not timed.
        seconds = time.perf_counter() - started if status != 101 else None
        request.app[METRICS].answers.count(request.method, route_of(request), status, seconds)
    return answer
