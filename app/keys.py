"""Every application key, so that what a handler may ask for stands on one page."""

from aiohttp import web

from app.config import Config
from app.drops.holds import Holds
from app.gate.connection import Gate
from app.gate.limits import Limits
from app.host.accounts import Accounts
from app.host.sessions import Sessions
from app.ledger.clock import Clock
from app.ledger.engine import Ledger
from app.media.client import MediaClient
from app.media.files import MediaFiles
from app.mirror.mirrors import Mirrors
from app.shop.desk import Desk
from app.show.door import Door
from app.show.live import Live
from app.show.present import Present

CONFIG = web.AppKey("config", Config)
CLOCK: web.AppKey[Clock] = web.AppKey("clock")
LEDGER = web.AppKey("ledger", Ledger)
GATE = web.AppKey("gate", Gate)
LIMITS = web.AppKey("limits", Limits)
HOLDS = web.AppKey("holds", Holds)
DESK = web.AppKey("desk", Desk)
MEDIA_CLIENT = web.AppKey("media_client", MediaClient)
MEDIA_FILES = web.AppKey("media_files", MediaFiles)
MIRRORS = web.AppKey("mirrors", Mirrors)
DOOR = web.AppKey("door", Door)
LIVE = web.AppKey("live", Live)
PRESENT = web.AppKey("present", Present)
HOST_ACCOUNTS = web.AppKey("host_accounts", Accounts)
HOST_SESSIONS = web.AppKey("host_sessions", Sessions)
