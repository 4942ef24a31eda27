from __future__ import annotations

from uuid import UUID

from tests.fakes import START, World, column, listed


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


def test_uuids_of_version_7_sort_by_time():
    world = World({"window": {}, "tables": {"t": {"columns": {"it": {"type": "uuid", "version": 7}}}}}, stop=300)
    made = listed(world.filled("t", "it"))
    assert made == sorted(made) and len(set(made)) == 300
    assert all(UUID(one).version == 7 for one in made)
    assert int(made[0].replace("-", "")[:12], 16) == START // 1000
