"""docs/events.md shows every message as it is."""

import json
import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from overlays import messages

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "events.md").read_text()
EXAMPLES = re.findall(r"```json (\w+)\n(.*?)\n```", TEXT, re.DOTALL)
TYPES: dict[str, type] = {
    **{message.name: message for message in messages.OUTGOING},
    **messages.INCOMING,
    "Snapshot": messages.Snapshot,
    "Missed": messages.Missed,
}


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_an_example_is_what_goes_over_the_wire(name: str, example: str) -> None:
    value: object = msgspec.json.decode(example, type=TYPES[name])
    sent = json.loads(msgspec.json.encode(value))
    written = json.loads(example)
    assert {key: sent[key] for key in written} == written
    assert all(sent[key] is None for key in sent.keys() - written.keys())


def test_every_message_has_an_example_and_a_heading() -> None:
    assert {name for name, _ in EXAMPLES} == set(TYPES)
    assert set(messages.EVENT_NAMES) == set(re.findall(r"^### (\w+)$", TEXT, re.MULTILINE))


@pytest.mark.parametrize("message", [*messages.OUTGOING, *messages.INCOMING.values()])
def test_every_member_of_a_message_is_in_the_document(message: type[msgspec.Struct]) -> None:
    assert [name for name in message.__struct_fields__ if f'"{name}"' not in TEXT and f"`{name}`" not in TEXT] == []


def test_the_documented_reactions_and_states_are_the_typed_ones() -> None:
    words = set(re.findall(r"`([a-z-]+)`", TEXT))
    assert set(messages.REACTIONS) <= words
    for literal in (messages.ShowState, messages.DropState, messages.ReactionKind):
        assert set(get_args(literal)) <= words
