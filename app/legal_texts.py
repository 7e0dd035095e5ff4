"""The shop's legal texts: plain paragraphs, with `# ` before a heading. A merchant's own lie in the data folder.

`{data}/legal/terms.de.txt` takes the place of the text that comes with the shop; it is read anew at every request.
"""

import html
from pathlib import Path

from app.catalogue.product import Language
from app.static import ROOT

NAMES = ("imprint", "terms", "privacy", "withdrawal")


def read(data: Path, name: str, language: Language) -> str:
    """A text: the merchant's, else the one that comes with the shop."""
    own = data / "legal" / f"{name}.{language}.txt"
    return (own if own.exists() else ROOT / "web" / "texts" / "legal" / own.name).read_text()


def as_html(text: str) -> str:
    """Paragraphs and headings; everything is escaped."""
    parts = [part.strip() for part in text.split("\n\n")]
    return "\n".join(_part(part) for part in parts if part)


def _part(part: str) -> str:
    if part.startswith("# "):
        return f"<h2>{html.escape(part.removeprefix('# '))}</h2>"
    return f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>"
