from __future__ import annotations

from uuid import UUID

from tests.fakes import column, listed


def test_they_are_version_four_and_no_two_alike():
    cells = listed(column({"type": "uuid"}, 5_000))
    assert len(set(cells)) == len(cells)
    assert all(
        str(UUID(cell)) == cell and UUID(cell).version == 4 and UUID(cell).variant == "specified in RFC 4122"
        for cell in cells
    )


def test_every_random_digit_is_used():
    cells = listed(column({"type": "uuid"}, 500))
    used = [len({cell[at] for cell in cells}) for at in range(36)]
    assert [at for at, n in enumerate(used) if n == 1] == [8, 13, 14, 18, 23]
    assert used[19] == 4
