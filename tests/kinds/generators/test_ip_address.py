from __future__ import annotations

import ipaddress

from tests.fakes import column, listed


def test_addresses_belong_to_their_network():
    for network, belongs in (("private", "is_private"), ("public", "is_global")):
        addresses = map(ipaddress.ip_address, listed(column({"type": "ip_address", "network": network}, 2000)))
        assert all(getattr(address, belongs) for address in addresses)
    documentation = ipaddress.ip_network("203.0.113.0/24")
    assert all(
        ipaddress.ip_address(ip) in documentation
        for ip in listed(column({"type": "ip_address", "network": "documentation"}, 100))
    )
    six = ipaddress.ip_network("2001:db8::/32")
    assert all(ipaddress.ip_address(ip) in six for ip in listed(column({"type": "ip_address", "version": 6}, 100)))
