"""The benchmarks as commands; those that load quickly stand for all."""

import subprocess
import sys

import pytest

from bench.__main__ import names
from bench._shop import cpu_s
from tests.running_shop import ROOT


@pytest.mark.parametrize("command", ["bench", "bench.cutout", "bench.pages"])
def test_a_benchmark_says_what_it_takes_instead_of_beginning(command: str) -> None:
    asked = subprocess.run(
        [sys.executable, "-m", command, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert asked.stdout.startswith(f"usage: python -m {command} ")
    assert asked.stderr == ""


BUSY_S = 0.3
WITH_AN_ENDED_CHILD = rf"""
import subprocess, sys
busy = "import time\nwhile time.process_time() < {BUSY_S}: pass"
subprocess.run([sys.executable, "-c", busy], check=True)
print("ended", flush=True)
sys.stdin.read()
"""


def test_a_child_that_has_ended_has_taken_its_time_all_the_same() -> None:
    command = [sys.executable, "-c", WITH_AN_ENDED_CHILD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None and parent.stdout.readline() == b"ended\n"
        assert cpu_s(parent.pid) > BUSY_S


def test_no_benchmark_takes_its_arguments_from_the_command_line_itself() -> None:
    assert [name for name in names() if "sys.argv" in (ROOT / "bench" / f"{name}.py").read_text()] == []
