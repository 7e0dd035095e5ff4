"""The pages' models are tested in their own language; here they take part in the whole."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_models_of_the_pages_keep_their_promises() -> None:
    node = shutil.which("node")
    assert node, "install Node.js 18 or newer"
    files = sorted(str(path) for path in (ROOT / "tests" / "web").glob("*.test.js"))
    run = subprocess.run([node, "--test", *files], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout[-6000:]
