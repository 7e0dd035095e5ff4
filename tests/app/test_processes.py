"""The process tree: one start, one stop, and nothing left behind, however it ends."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.config import Config, ConfigError
from app.processes import EX_CONFIG, AlreadyRunning, check_port, data_folder, only_one
from tests.running_shop import Shop

# Generous: a loaded machine still ends a process within a second.
PATIENCE_S = 20.0


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    running = Shop(tmp_path_factory.mktemp("tree") / "data")
    running.start()
    yield running
    running.stop()


def family(shop: Shop) -> dict[str, psutil.Process]:
    """The tree's processes by role."""
    assert shop.process is not None
    found = {}
    for process in psutil.Process(shop.process.pid).children():
        try:
            words = process.cmdline()
        except psutil.NoSuchProcess:
            continue  # killed; its parent may not have looked yet
        found["redis" if "app" not in words else words[words.index("app") + 1]] = process
    return found


def gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=PATIENCE_S)
    return not alive


def eventually(condition) -> bool:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_the_tree_starts_heals_and_leaves_nothing_behind(shop: Shop) -> None:
    before = family(shop)
    assert set(before) == {"redis", "web", "media", "fitting"}
    assert eventually(lambda: "Laufsteg is on air" in shop.log)
    assert shop.password in shop.log and f"localhost:{shop.port}/host" in shop.log

    before["media"].kill()
    assert eventually(lambda: family(shop).get("media") not in (None, before["media"]))

    assert eventually(lambda: set(family(shop)) == set(before))
    everyone = list(family(shop).values())
    assert shop.process is not None
    os.kill(shop.process.pid, signal.SIGINT)
    assert gone(everyone)
    assert shop.process.wait(PATIENCE_S) == 0


def test_a_killed_parent_takes_its_children_along_and_the_next_start_works(shop: Shop) -> None:
    everyone = list(family(shop).values())
    assert shop.process is not None
    shop.process.kill()
    shop.process.wait()
    assert gone(everyone)
    shop.start()
    assert shop.get("/readyz")["ready"]


def test_two_shops_never_share_a_data_folder(tmp_path: Path) -> None:
    config = Config(data=tmp_path)
    with only_one(config), pytest.raises(AlreadyRunning, match="LAUFSTEG_DATA"), only_one(config):
        raise AssertionError("the second one got in")
    with only_one(config):
        pass


def test_a_port_in_use_is_named_before_anything_starts() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(AlreadyRunning, match="LAUFSTEG_PORT"):
            check_port(Config(port=taken.getsockname()[1]))


def test_an_address_of_another_machine_is_named_before_anything_starts() -> None:
    with pytest.raises(ConfigError, match=r"LAUFSTEG_BIND=192\.0\.2\.1"):  # kept for documentation, nobody's own
        check_port(Config(bind="192.0.2.1", port=0))


def test_a_data_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="LAUFSTEG_DATA"):
        Config.from_environment({"LAUFSTEG_DEMO": "1", "LAUFSTEG_DATA": str(tmp_path / "file" / "data")})
    with pytest.raises(ConfigError, match="LAUFSTEG_DATA"):
        data_folder(Config(data=tmp_path / "file" / "data"))
    with pytest.raises(ConfigError, match="too deep"):
        data_folder(Config(data=tmp_path / ("d" * 90)))


def test_a_setting_that_only_a_child_can_judge_stops_the_start_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "data" / "catalogue" / "tee").mkdir(parents=True)
    (tmp_path / "data" / "catalogue" / "tee" / "product.toml").write_text('sku = "tee"\nprice = "cheap"\n')
    shop = Shop(tmp_path / "data", {"LAUFSTEG_DEMO": "0", "LAUFSTEG_SECRET": "s" * 32})
    with pytest.raises(RuntimeError, match=r"product.toml:2"):
        shop.start()
    assert shop.process is not None and shop.process.returncode == EX_CONFIG
