"""Addresses: trusted proxies vouch, nobody else does."""

import ipaddress

import pytest

from app.address import client_address, limit_key

TRUSTED = [ipaddress.ip_network("10.0.0.0/8")]


@pytest.mark.parametrize(
    ("peer", "header", "expected"),
    [
        ("203.0.113.1", "", "203.0.113.1"),
        ("203.0.113.1", "198.51.100.9", "203.0.113.1"),  # nobody trusts the peer
        ("10.0.0.1", "198.51.100.9", "198.51.100.9"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.9", "198.51.100.9"),  # the left one may be invented
        ("10.0.0.1", "198.51.100.9, 10.0.0.2", "198.51.100.9"),
        ("10.0.0.1", "nonsense", "nonsense"),
    ],
)
def test_the_nearest_untrusted_hop_is_the_client(peer: str, header: str, expected: str) -> None:
    assert client_address(peer, header, TRUSTED) == expected


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.1", "203.0.113.1"),
        ("::ffff:203.0.113.1", "203.0.113.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("nonsense", "unknown"),
    ],
)
def test_limits_count_what_one_customer_owns(address: str, key: str) -> None:
    assert limit_key(address) == key
