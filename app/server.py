"""The only place where the web process is wired."""

from aiohttp import web

from app import keys
from app.config import Config, require_secret
from app.errors import problems
from app.origin import same_origin
from app.routes import add_routes


def create_app(config: Config) -> web.Application:
    """The web process's application. Raises ConfigError when it cannot serve with `config`."""
    require_secret(config)
    app = web.Application(middlewares=[problems, same_origin])
    app[keys.CONFIG] = config
    add_routes(app)
    return app
