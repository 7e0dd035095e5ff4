"""Commands: ``python -m fitting models`` and ``python -m fitting add photo.png``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fitting import models
from fitting.errors import FittingError


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m fitting", description="The fitting room's tools.")
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("models", help="build the pose models and compile the drawing loops")
    build.add_argument("--package", type=Path, default=models.PACKAGE, help="the folder of @mediapipe/pose")
    build.add_argument("--folder", type=Path, default=models.FOLDER, help="where the models go")
    options = parser.parse_args(arguments)
    try:
        for path in models.build(options.package, options.folder):
            print(path)
        # Importing compiles every drawing loop into Numba's cache, so that the first shopper does not wait.
        import fitting.session  # noqa: F401
    except FittingError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
