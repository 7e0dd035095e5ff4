"""docs/mirror.md says what the socket really says."""

import re
from pathlib import Path
from typing import get_args

import pytest

from app.mirror import conduct, dressing, jpeg, lanes, protocol, visit

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "mirror.md").read_text()


@pytest.mark.parametrize("module", [conduct, dressing, jpeg, lanes, protocol, visit])
def test_every_error_is_documented(module: object) -> None:
    source = Path(str(module.__file__)).read_text()  # type: ignore[attr-defined]
    said = set(re.findall(r'(?:Refused|error=|_refused|ProtocolError)\(?"([a-z-]+)"', source))
    said |= set(re.findall(r'return "(failed|damaged)"', source))
    internal = {"bad-prefix", "bad-hello", "bad-told"}
    assert said - internal - set(re.findall(r"`([a-z-]+)`", TEXT)) == set()


def test_every_state_and_wish_is_documented() -> None:
    for state in get_args(protocol.State):
        assert f'"state": "{state}"' in TEXT
    for member in protocol.Control.__struct_fields__:
        assert f"`{member}`" in TEXT
