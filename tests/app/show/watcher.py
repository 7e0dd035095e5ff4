"""A viewer with the browser's rules, which fails as soon as the show that it sees could not be the true one."""

from typing import Any

import msgspec

from overlays.messages import NUMBERED, CueMessage, DropMessage, numbered
from overlays.timeline import State, Step, Timeline
from tests.app.show.conftest import House
from tests.viewers import Client


class Watcher:
    """A viewer with the browser's rules, and stricter: on one connection nothing may be missing, doubled or moved."""

    def __init__(self) -> None:
        self.timeline: Timeline | None = None
        self.client: Client | None = None
        self.taken = 0
        self.known = 0

    async def come(self, house: House, url: str) -> None:
        """Connect to the process at `url` and join, from the last number if there is one."""
        self.client, self.taken = await house.viewer(url), 0
        self.known = self.timeline.seq if self.timeline else 0
        since = {"since": self.timeline.seq} if self.timeline else {}
        answer = await self.client.ask("join", {"event": "gala", **since})
        if self.timeline is not None and "missed" in answer:
            steps = [self.timeline.apply(message) for message in told(answer["missed"])]
            assert steps == [Step.APPLIED] * len(steps)
        else:
            cues = msgspec.convert(answer["cues"], tuple[CueMessage, ...])
            drops = msgspec.convert(answer["drops"], tuple[DropMessage, ...])
            assert self.timeline is None or answer["seq"] >= self.timeline.seq
            self.timeline = Timeline(State(answer["seq"], cues, drops))
        # A process that Redis has left behind may know less than its viewer, until its next look at the ledger.
        assert self.timeline.seq == max(answer["seq"], self.known)

    def listen(self) -> int:
        """Take what has been heard; the number of the last announcement."""
        assert self.client and self.timeline
        for name, data in self.client.heard[self.taken :]:
            if name in NUMBERED:
                message = msgspec.convert(data, NUMBERED[name])
                again = message.seq <= self.known  # from another process, before this viewer came here
                expected = Step.KNOWN if again else Step.APPLIED
                assert self.timeline.apply(message) is expected, (self.timeline.seq, message)
            self.taken += 1
        return self.timeline.seq


def told(missed: list[dict[str, Any]]) -> list[Any]:
    return [numbered(entry.pop("type"), msgspec.json.encode(entry)) for entry in missed]
