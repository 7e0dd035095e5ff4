"""Every application key, so that what a handler may ask for stands on one page."""

from aiohttp import web

from app.config import Config
from app.host.sessions import Sessions

CONFIG = web.AppKey("config", Config)
HOST_SESSIONS = web.AppKey("host_sessions", Sessions)
