"""JSON text for python-socketio, by the library that the rest of us uses."""

from typing import Any

import msgspec


class Json:
    """msgspec in the shape that python-socketio expects of a JSON module."""

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        """JSON text."""
        return msgspec.json.encode(value).decode()

    @staticmethod
    def loads(text: str) -> Any:
        """Plain values. Raises ValueError for anything that is no JSON."""
        try:
            return msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError) as error:
            raise ValueError(str(error)) from None
