"""The browser's timeline and the server's have the same rules: one random log in, one picture out."""

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import msgspec

from overlays.messages import CueEndMessage, CueMessage, DropMessage, Numbered
from overlays.timeline import Timeline

SCRIPT = Path(__file__).with_name("browser_timeline.mjs")
T0 = 1_790_000_000_000
FRAMES = [T0 + at for at in range(-100, 5000, 50)]
LOGS = 150


def message(chance: random.Random, seq: int) -> Numbered:
    """A cue, an end, a retraction or a drop; now and then with a number that does not follow."""
    seq = max(1, seq + chance.choice([0] * 12 + [-1, -2, 1]))
    about = f"cue_{chance.randint(1, 6)}"
    kind = chance.random()
    if kind < 0.5:
        at_ms, duration_ms = T0 + chance.randrange(0, 3000, 50), chance.randrange(500, 2000, 50)
        return CueMessage(seq, about, "product", ("tee",), at_ms, duration_ms)
    if kind < 0.9:
        return CueEndMessage(seq, about, chance.choice([None, *(T0 + at for at in range(0, 4000, 50))]))
    return DropMessage(seq, "drp_1", "open", left=seq)


def test_both_timelines_say_the_same_about_every_log() -> None:
    chance = random.Random(7)
    logs: list[list[Numbered]] = []
    answers: list[dict[str, Any]] = []
    for _ in range(LOGS):
        timeline, log, steps = Timeline(), [], []
        for _ in range(chance.randint(1, 40)):
            log.append(message(chance, timeline.seq + 1))
            steps.append(timeline.apply(log[-1]).value)
        logs.append(log)
        shown = [[cue.id for cue in timeline.live(frame)] for frame in FRAMES]
        answers.append({"steps": steps, "seq": timeline.seq, "shown": shown})
    asked = [{"messages": [(entry.name, entry) for entry in log], "frames": FRAMES} for log in logs]
    done = subprocess.run(["node", str(SCRIPT)], input=msgspec.json.encode(asked), capture_output=True, check=True)
    assert json.loads(done.stdout) == answers
    assert sum(len(ids) > 0 for answer in answers for ids in answer["shown"]) > 500
