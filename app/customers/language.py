"""The language of an answer: what the address says, what was chosen before, what the browser prefers."""

from aiohttp import web

from app.catalogue.product import LANGUAGES, Language

COOKIE = "lang"
DEFAULT: Language = "en"
# Longer headers are noise, and sorting them would be work for nothing.
HEADER_LIMIT = 1000


def supported(tag: str | None) -> Language | None:
    """The shop's language for a tag such as `zh-Hans-CN`; None when it has none."""
    primary = (tag or "").strip().lower().partition("-")[0]
    return next((language for language in LANGUAGES if language == primary), None)


def preferred(header: str) -> Language | None:
    """The best of an Accept-Language header (RFC 9110 section 12.5.4) that the shop speaks."""
    found: list[tuple[float, int, Language]] = []
    for place, part in enumerate(header[:HEADER_LIMIT].split(",")):
        tag, _, weight = part.partition(";")
        language = supported(tag)
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        if language is not None and quality > 0:
            found.append((-quality, place, language))
    return min(found)[2] if found else None


def language_of(request: web.Request) -> Language:
    """The language in which to answer `request`: `?lang=`, else the cookie, else Accept-Language, else English."""
    return (
        supported(request.query.get("lang"))
        or supported(request.cookies.get(COOKIE))
        or preferred(request.headers.get("Accept-Language", ""))
        or DEFAULT
    )
