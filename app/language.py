"""Which language a request is answered in: `?lang=`, then the cookie `lang`, then Accept-Language, then English."""

from aiohttp import web

from app.catalogue.product import LANGUAGES, Language
from app.customers.cookie import cookie_value

COOKIE = "lang"
_KNOWN: dict[str, Language] = {language: language for language in LANGUAGES}
# A year: a choice that was made by hand stays made.
COOKIE_AGE_S = 365 * 86_400


def language_of(request: web.Request) -> Language:
    """The language that the asker chose or prefers."""
    headers = request.headers
    return (
        known(request.query.get("lang") if request.query_string else None)
        or known(cookie_value(headers.get("Cookie", ""), COOKIE))
        or accepted(headers.get("Accept-Language", ""))
    )


def accepted(header: str) -> Language:
    """The best of our languages by an Accept-Language header; the earlier one wins a tie; English when none fits."""
    best: tuple[float, Language] = (0.0, "en")
    if not header:
        return best[1]
    for part in header[:500].split(","):
        name, _, weight = part.partition(";")
        language = known(name.strip().split("-")[0].lower())
        quality = _quality(weight)
        if language and quality > best[0]:
            best = (quality, language)
    return best[1]


def remember(request: web.Request, response: web.StreamResponse) -> None:
    """Keep a language that was chosen with `?lang=`."""
    chosen = known(request.query.get("lang"))
    if chosen and request.cookies.get(COOKIE) != chosen:
        response.set_cookie(COOKIE, chosen, max_age=COOKIE_AGE_S, samesite="Lax", secure=request.secure)


def known(name: str | None) -> Language | None:
    """The language of ours that is called so."""
    return _KNOWN.get(name) if name else None


def _quality(weight: str) -> float:
    key, _, value = weight.strip().partition("=")
    if key.strip() != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0
