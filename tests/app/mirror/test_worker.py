"""A fitting worker that cannot track people, or cannot open a session."""

import sys
from pathlib import Path

import pytest

from app.mirror.ladder import Model
from app.mirror.room import Room
from app.mirror.worker import NoMirror, sessions
from tests.app.mirror.conftest import Open
from tests.app.mirror.mannequin import Mannequin, listening


async def test_where_people_cannot_be_tracked_the_mirror_says_so(browse: Open, data: Path) -> None:
    def refuse(model: Model) -> Mannequin:
        raise NoMirror("The mirror does not work on this server: there is no wheel for its platform.")

    async with listening(Room(refuse, 1), data):
        browser = await browse()
        told = await browser.told(state="unavailable")
        assert "no wheel" in told["detail"]


async def test_a_session_that_cannot_be_opened_says_no_more_than_that(
    browse: Open, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(model: Model) -> Mannequin:
        raise RuntimeError("secret path")

    async with listening(Room(fail, 1), data):
        told = await (await browse()).told(state="unavailable")
        assert "secret" not in told["detail"]
    assert "secret path" in caplog.text


def test_without_a_wheel_for_the_platform_a_worker_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    open_session = sessions(tmp_path)
    with pytest.raises(NoMirror, match="does not work on this server"):
        open_session("full")
