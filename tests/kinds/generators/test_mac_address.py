from __future__ import annotations

import re

from tests.fakes import column, listed


def test_addresses_are_local_and_of_one_device():
    for mac in listed(column({"type": "mac_address"}, 200)):
        assert re.fullmatch("[0-9a-f]{2}(:[0-9a-f]{2}){5}", mac)
        assert int(mac[:2], 16) & 0b11 == 0b10
