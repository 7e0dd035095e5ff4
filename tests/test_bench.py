"""The benchmarks as commands; those that load quickly stand for all."""

import subprocess
import sys

import pytest

from bench.__main__ import names
from tests.running_shop import ROOT


@pytest.mark.parametrize("command", ["bench", "bench.cutout", "bench.pages"])
def test_a_benchmark_says_what_it_takes_instead_of_beginning(command: str) -> None:
    asked = subprocess.run(
        [sys.executable, "-m", command, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert asked.stdout.startswith(f"usage: python -m {command} ")
    assert asked.stderr == ""


def test_no_benchmark_takes_its_arguments_from_the_command_line_itself() -> None:
    assert [name for name in names() if "sys.argv" in (ROOT / "bench" / f"{name}.py").read_text()] == []
