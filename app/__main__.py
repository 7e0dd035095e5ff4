"""python -m app [web|media|fitting|worker|migrate|backup FILE|restore FILE|verify-ledger|verify-draw FILE|capacity].

Without a command: everything. Capacity asks for --viewers.
"""

import argparse
import os
import sys
from collections.abc import Callable

from app import logs
from app.config import Config, ConfigError, misspelt, require_secret
from app.errors import Problem
from app.processes import EX_CONFIG


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0, or with one clear line on stderr 78 for what to mend, 1 for the rest, 2 for the usage."""
    parser = argparse.ArgumentParser(prog="python -m app", description=__doc__)
    parser.add_argument("command", nargs="?", choices=sorted(COMMANDS), help="one role or duty; none: everything")
    parser.add_argument("file", nargs="?", help="backup, restore, verify-draw: where it is")
    parser.add_argument("--index", type=int, default=0, help="fitting: which of this machine's workers this is")
    parser.add_argument("--tree", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--viewers", type=int, help="capacity: how many watch")
    parser.add_argument("--events", type=float, help="capacity: changes a second that they hear of (80, as at a gala)")
    options = parser.parse_args(arguments)
    if (options.command in ("backup", "restore", "verify-draw")) != (options.file is not None):
        parser.error("backup, restore and verify-draw, and only they, take a file")
    if (options.command == "capacity") != (options.viewers is not None):
        parser.error("capacity, and only capacity, takes --viewers")
    try:
        config = Config.from_environment(os.environ)
        logs.begin(options.command or "parent", as_json=config.log_json)
        if not options.tree:
            for line in misspelt(os.environ):
                print(f"laufsteg: {line}", file=sys.stderr)
        if options.command:
            COMMANDS[options.command](config, options)
        elif not _everything(config):
            return EX_CONFIG
    except ConfigError as error:
        print(f"laufsteg: {error}", file=sys.stderr)
        return EX_CONFIG
    except Problem as error:
        print(f"laufsteg: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _everything(config: Config) -> bool:
    """Serve until told to stop; False when a child refused to start for a setting, which it has named."""
    from app import processes
    from app.gate import server as gate_server
    from app.welcome import welcome

    require_secret(config)
    data = processes.data_folder(config)
    processes.check_port(config)
    redis = None
    with processes.only_one(config):
        try:
            url = config.redis_url
            if url is None:
                redis, url = gate_server.start(data / "run")
            tree = processes.Tree(processes.children(config, url, config.database_url))
            with welcome(config):
                return tree.run()
        except gate_server.NoRedisServer as error:
            raise ConfigError(str(error)) from None
        finally:
            if redis is not None:
                redis.terminate()
                redis.wait()


def _web(config: Config, options: argparse.Namespace) -> None:
    from app.server import run

    _prepare(config, options)
    if options.tree:
        # Here and not in the parent: the ledger's libraries are then loaded once.
        _migrate(config, options)
    run(config, duties=options.tree)


def _media(config: Config, options: argparse.Namespace) -> None:
    from app.media.process import run

    _prepare(config, options, ledger=False)
    run(config)


def _fitting(config: Config, options: argparse.Namespace) -> None:
    from app.mirror.worker import run

    _prepare(config, options, ledger=False)
    run(config, options.index)


def _worker(config: Config, options: argparse.Namespace) -> None:
    from app.duties import run

    _prepare(config, options)
    run(config)


def _migrate(config: Config, options: argparse.Namespace) -> None:
    from app.prepare import run

    run(config)


def _backup(config: Config, options: argparse.Namespace) -> None:
    from app.ledger.backup import run

    run(config, options.file)


def _restore(config: Config, options: argparse.Namespace) -> None:
    from app import processes
    from app.ledger.restore import run

    with processes.only_one(config):
        run(config, options.file)


def _verify_ledger(config: Config, options: argparse.Namespace) -> None:
    from app.shop.verify import run

    run(config)


def _verify_draw(config: Config, options: argparse.Namespace) -> None:
    from app.drops.draw.verify import run

    run(options.file)


def _capacity(config: Config, options: argparse.Namespace) -> None:
    from app.capacity import GALA_CHANGES_PER_S, Figures, Show, describe

    changes = GALA_CHANGES_PER_S if options.events is None else options.events
    print(describe(Show(options.viewers, changes), Figures.kept()))


def _prepare(config: Config, options: argparse.Namespace, *, ledger: bool = True) -> None:
    """A role in the tree ends with its parent; a role started alone needs shared servers."""
    from app import processes

    processes.data_folder(config)
    if options.tree:
        processes.end_with_parent()
    elif ledger:
        require_secret(config)
        if config.redis_url is None:
            raise ConfigError("REDIS_URL is missing; a role started alone shares its Redis with the others.")
        if config.database_url is None or config.database_url.startswith("sqlite"):
            raise ConfigError(
                "DATABASE_URL has to name a PostgreSQL for a role started alone; SQLite has one writer only."
            )


COMMANDS: dict[str, Callable[[Config, argparse.Namespace], None]] = {
    "web": _web,
    "media": _media,
    "fitting": _fitting,
    "worker": _worker,
    "migrate": _migrate,
    "backup": _backup,
    "restore": _restore,
    "verify-ledger": _verify_ledger,
    "verify-draw": _verify_draw,
    "capacity": _capacity,
}

if __name__ == "__main__":
    sys.exit(main())
