"""Commands: ``python -m fitting models``, ``add photo.png`` and ``rebuild folder``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fitting import models
from fitting.errors import FittingError
from fitting.garment import KINDS


def parser() -> argparse.ArgumentParser:
    """The commands and their arguments."""
    root = argparse.ArgumentParser(prog="python -m fitting", description="The fitting room's tools.")
    commands = root.add_subparsers(dest="command", required=True)
    build = commands.add_parser("models", help="build the pose models and compile the drawing loops")
    build.add_argument("--package", type=Path, default=models.PACKAGE, help="the folder of @mediapipe/pose")
    build.add_argument("--folder", type=Path, default=models.FOLDER, help="where the models go")
    add = commands.add_parser("add", help="make a garment from a photograph on a plain background")
    add.add_argument("photo", type=Path)
    add.add_argument("--kind", choices=KINDS, default="top")
    add.add_argument("--id", help="the garment's id; default: the file's name")
    add.add_argument("--folder", type=Path, help="where garment.json goes; default: ID/garment beside the photo")
    add.add_argument("--width-cm", type=float, help="chest or waist across, laid flat; default: that of the kind")
    rebuild = commands.add_parser("rebuild", help="build a garment's mesh again after moving its key points")
    rebuild.add_argument("folder", type=Path)
    return root


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit status."""
    options = parser().parse_args(arguments)
    try:
        if options.command == "models":
            for path in models.build(options.package, options.folder):
                print(path)
            # Importing compiles every drawing loop into Numba's cache, so that the first shopper does not wait.
            import fitting.session  # noqa: F401

            return 0
        from fitting import merchant

        if options.command == "add":
            name = options.id or options.photo.stem
            folder = options.folder or options.photo.parent / name / "garment"
            report = merchant.add(options.photo, name, options.kind, folder, options.width_cm)
        else:
            report = merchant.rebuild(options.folder)
        print("\n".join(report))
    except FittingError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
