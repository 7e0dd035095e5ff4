"""What a chat line may be. Pure."""

import re
import unicodedata

from overlays.messages import MAX_TEXT, Refused

# Invisible and direction-changing characters hide or reorder what others read; line breaks push them off the screen.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# These two join emoji and letters of some scripts; without them they fall apart.
_JOINERS = "\u200d\u200c"
_LINK = re.compile(
    r"(?:https?:|www\.)|\b[a-z0-9-]{2,}\.(?:com|net|org|io|de|cn|shop|xyz|ru|info|biz|link|me|ly)\b", re.I
)
# Letters with more marks than this climb over the neighbouring lines.
_MARKS_MAX = 3


def clean(text: str) -> str:
    """The line as others see it. Raises Refused when nothing is left or it must not be sent."""
    kept = "".join(
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", text)
        if character in _JOINERS or character.isspace() or unicodedata.category(character) not in _HIDDEN
    )
    line = " ".join(_thin(kept).split())
    if not line.strip(_JOINERS + " "):
        raise Refused("empty", "Write something first.")
    if len(line) > MAX_TEXT:
        raise Refused("invalid", f"A line has at most {MAX_TEXT} characters.")
    if _LINK.search(line):
        raise Refused("link", "Web addresses cannot be sent in the chat.")
    return line


def same(one: str, other: str) -> bool:
    """Whether two lines of one shopper are a repetition."""
    return one.casefold() == other.casefold()


def _thin(text: str) -> str:
    """Without the marks beyond what any script stacks on one letter."""
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) == "Mn" else 0
        if marks <= _MARKS_MAX:
            kept.append(character)
    return "".join(kept)
