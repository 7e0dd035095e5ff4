"""The words of mails: the `mail.` texts of web/texts/, one file a language."""

import json
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "web" / "texts"
PREFIX = "mail."


class MailTexts:
    """Texts by language and key, filled in with named values."""

    def __init__(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        self._texts = texts

    @classmethod
    def load(cls, folder: Path = FOLDER) -> "MailTexts":
        """Every language's texts."""
        return cls(
            {
                path.stem: {key: text for key, text in json.loads(path.read_text()).items() if key.startswith(PREFIX)}
                for path in sorted(folder.glob("*.json"))
            }
        )

    def text(self, language: str, key: str, **values: str) -> str:
        """The text `mail.<key>` with `{name}` replaced. Raises KeyError for a text that does not exist."""
        found = self._texts[language][PREFIX + key]
        for name, value in values.items():
            found = found.replace("{" + name + "}", value)
        return found
