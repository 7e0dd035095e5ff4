"""The structure itself is tested: import directions, who may import what, documented settings, agreeing names."""

import ast
import graphlib
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("app", "overlays", "fitting")
# A third-party package -> the only places that may import it.
RESERVED = {
    "mediapipe": ["fitting/tracker.py"],
    "socketio": ["overlays/namespace.py", "overlays/broadcast.py"],
    "engineio": ["overlays/namespace.py", "overlays/broadcast.py"],
    "redis": ["app/gate/"],
    "aiortc": ["app/media/"],
    "av": ["app/media/"],
    "sqlalchemy": ["app/ledger/", "tables.py", "queries.py"],
    "alembic": ["app/ledger/"],
    "stripe": ["app/payments/"],
    "argon2": ["app/host/"],
    "aiosmtplib": ["app/mail/"],
}
# A folder -> the folders of ours and the packages that it must not know.
FORBIDDEN = {
    "overlays": {"app", "fitting", "aiohttp.web", "sqlalchemy", "redis"},
    "fitting": {"app", "overlays", "aiohttp", "sqlalchemy", "redis", "socketio"},
}
MODULE_LINES_MAX = 300


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    yield from named(ast.walk(ast.parse(path.read_text())))


def at_once(node: ast.AST) -> Iterator[ast.AST]:
    """What runs as soon as a module is imported: not what functions do, and not what only a type checker reads."""
    for child in ast.iter_child_nodes(node):
        checked = isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
        if not checked and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
            yield from at_once(child)


def named(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def above(name: str) -> Iterator[str]:
    """`app.shop.order`: app, app.shop and itself, each of which is imported for it."""
    parts = name.split(".")
    yield from (".".join(parts[: count + 1]) for count in range(len(parts)))


@pytest.mark.parametrize("folder", sorted(FORBIDDEN))
def test_a_folder_imports_only_what_it_may_know(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources(folder)
        for name in imports(path)
        for package in FORBIDDEN[folder]
        # Stdlib annotations aside: overlays/broadcast.py frames websocket messages for aiohttp's transports.
        if within(name, package) and not (package == "aiohttp.web" and path.name == "broadcast.py")
    ]
    assert found == []


@pytest.mark.parametrize("package", sorted(RESERVED))
def test_a_reserved_package_is_imported_only_in_its_place(package: str) -> None:
    found = [
        f"{relative} imports {name}"
        for path in sources(*FOLDERS)
        for name in imports(path)
        if within(name, package)
        and not any(
            (relative := path.relative_to(ROOT).as_posix()).startswith(place) or path.name == place
            for place in RESERVED[package]
        )
    ]
    assert found == []


def test_every_module_can_be_imported_first() -> None:
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sources(*FOLDERS)
    }
    needs = {
        module: {package for name in named(at_once(ast.parse(path.read_text()))) for package in above(name)}
        & modules.keys() - {module}
        for module, path in modules.items()
    }
    assert len(needs) > 100
    # Raises CycleError, which names the circle.
    graphlib.TopologicalSorter(needs).prepare()


def test_every_module_stays_within_its_length() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources(*FOLDERS)
        if (lines := len(path.read_text().splitlines())) > MODULE_LINES_MAX
    }
    assert long == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = {"utils", "util", "helpers", "core", "services", "common", "misc", "manager"}
    assert [str(path) for path in sources(*FOLDERS) if path.stem in vague or path.parent.name in vague] == []


def test_migrations_stand_in_one_line() -> None:
    texts = [path.read_text() for path in sorted((ROOT / "app/ledger/migrations/versions").glob("r*.py"))]
    found = [re.findall(r'^(?:down_)?revision = (?:"(\w+)"|None)$', text, re.M) for text in texts]
    numbers = [f"{number:04}" for number in range(1, len(texts) + 1)]
    assert found == [[number, before] for number, before in zip(numbers, ["", *numbers], strict=False)]


def test_every_package_is_listed_for_installation() -> None:
    import tomllib

    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    packages = {
        ".".join(path.parent.relative_to(ROOT).parts) for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")
    }
    assert packages == listed


def test_every_setting_is_documented_with_the_name_that_the_code_reads() -> None:
    names = set(
        re.findall(r'"((?:LAUFSTEG|STRIPE|REDIS|DATABASE|SMTP|MAIL)_[A-Z_]+)"', (ROOT / "app/config.py").read_text())
    )
    documented = set(re.findall(r"`([A-Z][A-Z_]+)`", (ROOT / "docs/operators.md").read_text()))
    assert len(names) > 10
    assert names - documented == set()


def test_only_config_reads_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for path in sources(*FOLDERS)
        if "os.environ" in path.read_text() or "os.getenv" in path.read_text()
    }
    assert readers <= {"app/__main__.py", "app/processes.py"}


def test_event_names_agree_in_python_and_javascript() -> None:
    from overlays import messages

    javascript = (ROOT / "web/models/event-names.js").read_text()
    assert set(re.findall(r'"([a-z_]+)"', javascript)) == set(messages.EVENT_NAMES)


def test_heavy_packages_stay_out_of_the_web_process() -> None:
    import subprocess

    code = "import sys, app.server; print(*({'mediapipe', 'aiortc', 'av', 'numba', 'cv2'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert loaded.split() == []


def test_nothing_names_a_machine_or_a_registry() -> None:
    pattern = re.compile(r"(^|[\s\"'(=])/(work|farm|root|home)/|\"resolved\":|https://registry\.")
    tracked = [
        path
        for folder in (*FOLDERS, "web", "tests", "bench", "docs", "tools", "demo")
        for path in (ROOT / folder).rglob("*")
    ]
    texts = [path for path in tracked if path.suffix in {".py", ".js", ".md", ".toml", ".json", ".html", ".css"}]
    texts += [
        ROOT / name for name in ("package-lock.json", "requirements.lock", "README.md", "Makefile", "pyproject.toml")
    ]
    found = [
        str(path.relative_to(ROOT))
        for path in texts
        if path.exists()
        and path != Path(__file__)
        and "node_modules" not in path.parts
        and pattern.search(path.read_text(errors="ignore"))
    ]
    assert found == []
