"""Who is asking, by network address, seen through the proxies that the operator trusts."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

from aiohttp import web

from app import keys

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def client_address(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """The nearest address that is not a trusted proxy.

    `peer` is the socket's other end, `forwarded_for` the X-Forwarded-For header. Read from the right: each trusted
    hop vouches for the entry that it appended, whatever stands further left may be invented by the client.
    """
    hops = [part.strip() for part in forwarded_for.split(",") if part.strip()]
    address = peer
    while hops and _trusted(address, trusted):
        address = hops.pop()
    return address


@lru_cache(maxsize=4096)
def limit_key(address: str) -> str:
    """What per-address limits count: an IPv4 address, or the /64 that one IPv6 customer owns."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
    return str(parsed)


def request_address(request: web.Request) -> str:
    """The key under which `request` counts against per-address limits."""
    trusted = request.app[keys.CONFIG].trusted_proxies
    return limit_key(client_address(request.remote or "", request.headers.get("X-Forwarded-For", ""), trusted))


def _trusted(address: str, trusted: Sequence[Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in trusted)
