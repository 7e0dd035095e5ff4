"""Every application key, so that what a handler may ask for stands on one page."""

from aiohttp import web

from app.config import Config

CONFIG = web.AppKey("config", Config)
