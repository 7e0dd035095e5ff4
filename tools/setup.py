"""Set up what is missing: the virtual environment, npm packages, pose models and, for tests, system packages.

    python tools/setup.py          what the demo needs
    python tools/setup.py --test   also what the tests need
    python tools/setup.py --bench  also what the benchmarks need

Idempotent: a stamp under .setup/ names what each step was made from, so that a second run costs a few file reads.
Standard library only: it runs before anything is installed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMPS = ROOT / ".setup"
PYTHON = ROOT / ".venv" / "bin" / "python"
# Program a test needs -> Debian's package that brings it.
SYSTEM = {"chromium": "chromium", "redis-server": "redis-server", "ffmpeg": "ffmpeg", "initdb": "postgresql"}
POSTGRES = Path("/usr/lib/postgresql")


def main() -> int:
    """Run every step that is due; 0, or 1 with one clear line."""
    os.chdir(ROOT)
    STAMPS.mkdir(exist_ok=True)
    with_bench = "--bench" in sys.argv[1:]
    with_tests = with_bench or "--test" in sys.argv[1:]
    try:
        _need_node()
        _venv()
        interpreter = _version(PYTHON)
        extra = "dev" if with_tests or _stamped("Python packages for tests") else None
        name = "Python packages for tests" if extra else "Python packages"
        step(name, lambda: _packages(extra), ["pyproject.toml", "requirements.lock", "overlays/_volley.c"], interpreter)
        full = with_tests or _stamped("npm packages for tests")
        name = "npm packages for tests" if full else "npm packages"
        step(name, lambda: _npm(full), ["package.json", "package-lock.json"])
        models = [str(PYTHON), "-m", "fitting", "models"]
        step("pose models", lambda: _run(models), ["package-lock.json", "fitting/models.py"])
        if with_bench:
            sources = ["bench/package.json", "bench/package-lock.json"]
            step("npm packages for benchmarks", lambda: _npm(True, "bench"), sources)
        if with_tests:
            _system_packages()
    except subprocess.CalledProcessError as error:
        print(f"laufsteg: set-up stopped: {' '.join(map(str, error.cmd))} failed (above says why)", file=sys.stderr)
        return 1
    except SetupError as error:
        print(f"laufsteg: {error}", file=sys.stderr)
        return 1
    return 0


class SetupError(Exception):
    """Something has to be installed by hand; the message says what."""


def step(name: str, action, sources: list[str], version: str = "") -> None:
    """Run `action` unless it was done from the same sources before."""
    digest = hashlib.sha256(version.encode())
    for source in sources:
        digest.update((ROOT / source).read_bytes())
    stamp = STAMPS / name.replace(" ", "-")
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    print(f"  {name} ...", flush=True)
    started = time.monotonic()
    action()
    stamp.write_text(digest.hexdigest())
    print(f"  {name}: {time.monotonic() - started:.0f} s", flush=True)


def _stamped(name: str) -> bool:
    return (STAMPS / name.replace(" ", "-")).exists()


def _run(command: list[str], **environment: str) -> None:
    subprocess.run(command, check=True, env={**os.environ, **environment})


def _need_node() -> None:
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise SetupError(f"{program} is missing; install Node.js 18 or newer (it brings the pages' packages).")


def _version(python: Path | str) -> str:
    """The version of an interpreter that runs and has pip, else an empty text."""
    command = [str(python), "-c", "import pip, sys; print(sys.version)"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


def _venv() -> None:
    """An environment that works is kept; only `make PYTHON=...` replaces it by one of another version."""
    found = _version(PYTHON)
    if found and ("--exact" not in sys.argv[1:] or found == _version(sys.executable)):
        return
    print("  virtual environment ...", flush=True)
    shutil.rmtree(ROOT / ".venv", ignore_errors=True)
    for stamp in STAMPS.glob("Python-*"):
        stamp.unlink()
    _run([sys.executable, "-m", "venv", str(ROOT / ".venv")])


def _packages(extra: str | None) -> None:
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--constraint", "requirements.lock", "--editable", f".[{extra}]" if extra else "."])


def _npm(full: bool, folder: str = ".") -> None:
    # No package of ours needs an install script.
    command = ["npm", "ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    _run([*command, *([] if full else ["--omit=dev"])])


def _system_packages() -> None:
    missing = sorted({package for program, package in SYSTEM.items() if not _has(program)})
    if not missing:
        return
    apt, root = shutil.which("apt-get"), os.geteuid() == 0
    if apt is None or not (root or shutil.which("sudo")):
        raise SetupError(f"the tests need these programs, install them by hand: {', '.join(missing)}")
    command = [*([] if root else ["sudo"]), "env", "DEBIAN_FRONTEND=noninteractive", apt]
    print(f"  system packages: {', '.join(missing)} ...", flush=True)
    _run([*command, "update", "-qq"])
    _run([*command, "install", "-y", "-qq", "--no-install-recommends", *missing])


def _has(program: str) -> bool:
    if program == "initdb":  # Debian keeps PostgreSQL's programs off PATH
        return shutil.which(program) is not None or any(POSTGRES.glob("*/bin/initdb"))
    if program == "chromium":
        return any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return shutil.which(program) is not None


if __name__ == "__main__":
    sys.exit(main())
