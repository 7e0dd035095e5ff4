"""Run every benchmark, one after the other; each figure is one JSON line."""

import argparse
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """Every benchmark, by module name."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))


def main(asked: list[str]) -> int:
    """A process for each, so that none warms or burdens the next; 1 when one of them failed."""
    if unknown := set(asked) - set(names()):
        print(f"laufsteg: no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(names())}")
        return 2
    failed = [
        name
        for name in asked or names()
        if subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode
    ]
    for name in failed:
        print(f"laufsteg: the benchmark {name} failed", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m bench", description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help=f"only these of {', '.join(names())}")
    sys.exit(main(parser.parse_args().names))
