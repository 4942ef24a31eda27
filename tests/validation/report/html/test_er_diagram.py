"""The entity-relation diagram shows every table and every foreign key, for a large schema too, without overlaps."""

from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from datagen.analysis import analyze_or_raise
from datagen.validation.report.html.er_diagram import diagram
from datagen.validation.report.html.er_layout import WIDTH, layout_of
from datagen.validation.report.html.er_relations import relations_of
from tests.validation.report.html.samples import ROWS, shop


def table(parent=None, refers=()):
    columns = {"id": {"type": "key"}}
    columns |= {"above": {"type": "parent_key"}} if parent else {}
    columns |= {f"{to}_id": {"type": "reference", "table": to} for to in refers}
    rows = {"type": "per_parent", "count": {"type": "poisson", "mean": 2}} if parent else 10
    return {"rows": rows, "columns": columns} | ({"parent": parent} if parent else {})


def relations(tables):
    return relations_of(analyze_or_raise({"datagen": 1, "name": "made", "tables": tables}), {})


@pytest.fixture
def large():
    tables = {f"dim{k}": table() for k in range(12)}
    tables["cities"] = table(refers=["dim0"])
    tables["people"] = table(refers=["cities", "people", "dim1"])
    for k in range(6):
        tables[f"visits{k}"] = table("people", [f"dim{k}", "cities"])
        tables[f"pages{k}"] = table(f"visits{k}", [f"dim{k + 6}"])
    return relations(tables)


def overlap(one, other):
    apart_x = one.x + WIDTH <= other.x or other.x + WIDTH <= one.x
    return not (apart_x or one.y + one.height <= other.y or other.y + other.height <= one.y)


def test_no_two_of_many_tables_overlap(large):
    places = layout_of(large).places.values()
    assert len(places) == 26
    assert not [(a.box.name, b.box.name) for a, b in combinations(places, 2) if overlap(a, b)]


def test_all_tables_lie_on_the_paper(large):
    layout = layout_of(large)
    for place in layout.places.values():
        assert 0 <= place.x <= layout.width - WIDTH
        assert 0 <= place.y <= layout.height - place.height


def test_every_foreign_key_has_a_line_and_every_table_a_box(large):
    picture = ET.fromstring(diagram(large))
    lines = [part for part in picture.iter() if str(part.get("class")).startswith("link")]
    boxes = [part for part in picture.iter() if part.get("class") == "entity"]
    assert len(boxes) == 26
    assert len(lines) == len(large.links) == 1 + 3 + 6 * 3 + 6 * 2


def test_children_stand_right_of_their_parents_and_referred_tables_right_of_those_that_refer():
    places = layout_of(relations_of(shop(), ROWS)).places
    assert places["customers"].x < places["orders"].x < places["order_items"].x < places["products"].x


def test_families_that_refer_to_each_other_in_a_cycle_have_a_place():
    made = relations({"a": table(refers=["b"]), "b": table(refers=["c"]), "c": table(refers=["a"])})
    assert len(layout_of(made).places) == 3
    assert "a.b_id holds a key of b" in diagram(made)


def test_a_child_without_a_key_column_still_hangs_below_its_parent():
    child = table("a")
    del child["columns"]["above"]
    made = relations({"a": table(), "b": child})
    assert "b.(parent) holds a key of a" in diagram(made)


def test_a_line_runs_around_the_tables_between_and_not_behind_them():
    """Behind a table it would look as if it began there."""
    made = relations({"plans": table(), "users": table(refers=["plans"]), "calls": table("users")})
    place = layout_of(made).places["calls"]
    drawing = ET.fromstring(diagram(made))
    [line] = [g for g in drawing.iter() if "reference" in g.get("class", "")]
    course = next(path.get("d") for path in line if "H" in path.get("d", ""))
    along = float(course.split("H")[0].split()[-1])
    assert not place.y <= along <= place.y + place.height
    assert float(course.split("H")[1].split("C")[0]) == pytest.approx(place.x + WIDTH, abs=0.1)
