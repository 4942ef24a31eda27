"""Every sign that a sample of rows can show, on columns that show it and columns that do not."""

import numpy as np
import pytest

from datagen.validation.realism.categories import cycling, equal
from datagen.validation.realism.dependence import RankedColumns, association, cramers_v, independent
from datagen.validation.realism.missingness import missing
from datagen.validation.realism.money import money
from datagen.validation.realism.numeric_shape import clipped, textbook_normal, uniform
from datagen.validation.realism.row_sample import KEPT, Cells, Sample, SampledColumn, SampleTests, ranks

N = 8000
R = np.random.default_rng(5)


def sample(**columns):
    cells = {n: c if isinstance(c, Cells) else Cells(np.asarray(c), np.ones(N, np.bool_)) for n, c in columns.items()}
    return Sample(100_000, np.arange(N, dtype=np.uint64), cells)


def verdicts(judge, facets, **columns):
    return {f.measure: f.verdict for f in judge("t", sample(**columns), facets)}


def number(name, **more):
    return SampledColumn(name, "number", **more)


def category(name, **more):
    return SampledColumn(name, "category", **more)


def test_uniform_numbers_are_distinguished_from_skewed_ones():
    assert verdicts(uniform, (number("x"),), x=R.uniform(3, 9, N)) == {"UniformNumbers": "fail"}
    assert verdicts(uniform, (number("x"),), x=R.lognormal(3, 0.5, N)) == {"UniformNumbers": "pass"}


def test_textbook_normals_need_two_of_them():
    two = (number("x"), number("y"))
    assert verdicts(textbook_normal, two, x=R.normal(size=N), y=R.normal(size=N)) == {"TextbookNormals": "fail"}
    assert verdicts(textbook_normal, two, x=R.normal(size=N), y=R.gamma(2, size=N)) == {"TextbookNormals": "pass"}
    assert verdicts(textbook_normal, two[:1], x=R.normal(size=N)) == {"TextbookNormals": "not applicable"}


def test_a_heap_at_an_end_is_clipping_and_a_mode_is_not():
    x = R.lognormal(3, 0.5, N)
    assert verdicts(clipped, (number("x"),), x=np.minimum(x, np.quantile(x, 0.97))) == {"Clipping": "fail"}
    assert verdicts(clipped, (number("x"),), x=x) == {"Clipping": "pass"}
    assert verdicts(clipped, (number("x"),), x=R.geometric(0.1, N)) == {"Clipping": "pass"}


@pytest.mark.parametrize(("sigma", "verdict"), [(0.2, "fail"), (1.0, "pass")])
def test_money_has_a_tail(sigma, verdict):
    cents = np.rint(100 * R.lognormal(3, sigma, N)).astype(np.int64)
    assert verdicts(money, (number("amount", scale=2),), amount=cents)["MoneyTail"] == verdict


def test_amounts_of_a_few_prices_need_no_tail():
    prices = R.choice([699, 1399, 1899], N)
    assert verdicts(money, (number("amount", scale=2),), amount=prices)["MoneyTail"] == "not applicable"


def test_first_digits_follow_benford():
    facet = (number("amount", scale=2),)
    assert (
        verdicts(money, facet, amount=np.rint(100 * R.lognormal(3, 1.3, N)).astype(np.int64))["FirstDigits"] == "pass"
    )
    assert verdicts(money, facet, amount=R.integers(1, 100_000, N))["FirstDigits"] == "fail"
    listed = R.choice([1250, 2490, 3990], N) * R.choice([1, 3, 18, 90, 250], N)
    assert verdicts(money, facet, amount=listed)["FirstDigits"] == "not applicable"


def test_prices_stand_at_price_points():
    facet = (number("list_price", scale=2),)
    assert verdicts(money, facet, list_price=R.integers(500, 9999, N)) == {"PricePoints": "fail"}
    assert verdicts(money, facet, list_price=R.integers(5, 99, N) * 100 + 99) == {"PricePoints": "pass"}


def test_equal_categories_have_no_head_and_tail():
    facet = (category("c"),)
    assert verdicts(equal, facet, c=R.integers(0, 5, N)) == {"EqualCategories": "fail"}
    assert verdicts(equal, facet, c=R.choice(5, N, p=[0.5, 0.25, 0.12, 0.08, 0.05])) == {"EqualCategories": "pass"}


def test_the_same_lines_over_and_over_are_seen():
    facet = (SampledColumn("note", "text"),)
    assert verdicts(cycling, facet, note=np.arange(N) % 40) == {"TextCycling": "fail"}
    assert verdicts(cycling, facet, note=R.integers(0, 10**9, N)) == {"TextCycling": "pass"}


def test_some_columns_go_together():
    facets = (category("a"), category("b"), number("x"))
    a, b = R.integers(0, 3, N), R.integers(0, 4, N)
    assert verdicts(independent, facets, a=a, b=b, x=R.normal(size=N)) == {"IndependentColumns": "fail"}
    assert verdicts(independent, facets, a=a, b=b, x=R.normal(size=N) + a) == {"IndependentColumns": "pass"}
    assert verdicts(independent, facets[:2], a=a, b=b) == {"IndependentColumns": "not applicable"}


def test_associations_are_0_for_nothing_and_1_for_everything():
    a = R.integers(0, 4, N)
    assert cramers_v(a, a) == pytest.approx(1.0, abs=0.01)
    assert cramers_v(a, R.integers(0, 6, N)) < 0.03
    x = R.normal(size=N)
    assert association(RankedColumns(sample(x=x, y=-(x**3))), number("x"), number("y")) == pytest.approx(1.0)


def test_missing_cells_go_with_something():
    segment = R.integers(0, 3, N)
    facets = (SampledColumn("phone", "text", nullable=True), category("segment"))
    by_segment = Cells(np.arange(N), R.random(N) > 0.1 + 0.2 * segment)
    by_lot = Cells(np.arange(N), R.random(N) > 0.3)
    assert verdicts(missing, facets, phone=by_segment, segment=segment) == {"NoNulls": "pass", "RandomNulls": "pass"}
    assert verdicts(missing, facets, phone=by_lot, segment=segment) == {"NoNulls": "pass", "RandomNulls": "fail"}
    found = verdicts(missing, facets, phone=np.arange(N), segment=segment)
    assert found == {"NoNulls": "fail", "RandomNulls": "not applicable"}
    computed = (SampledColumn("phone", "text", drawn=False, nullable=True), category("segment"))
    assert verdicts(missing, computed, phone=np.arange(N), segment=segment) == {"RandomNulls": "not applicable"}


def test_ranks_of_ties_are_alike():
    assert ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [2.5, 0.0, 2.5, 1.0]


def test_a_sample_is_the_same_whichever_parts_it_comes_from():
    measure = SampleTests("t", (number("x"),), None, ())
    hashes = R.permutation(3 * KEPT).astype(np.uint64)
    parts = [
        Sample(KEPT, np.sort(h), {"x": Cells(np.sort(h).astype(np.int64), np.ones(KEPT, np.bool_))})
        for h in np.split(hashes, 3)
    ]
    one = measure.merge(measure.merge(parts[0], parts[1]), parts[2])
    other = measure.merge(parts[2], measure.merge(parts[1], parts[0]))
    assert one.rows == 3 * KEPT
    assert one.hashes.tolist() == list(range(KEPT))
    assert np.array_equal(one.cells["x"].data, other.cells["x"].data)
