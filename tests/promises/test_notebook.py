"""The example notebook runs from top to bottom, holds no output, and everything in it shows itself."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).parents[2] / "examples" / "notebook.ipynb"
CELLS = [cell for cell in json.loads(NOTEBOOK.read_text())["cells"] if cell["cell_type"] == "code"]


def shown(source: str, names: dict[str, Any]) -> Any:
    """Runs a cell as a notebook does; the value of its last line, if that is an expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if isinstance(last, ast.Expr) else None


def test_its_cells_run_and_their_results_show_themselves() -> None:
    names: dict[str, Any] = {}
    made = [shown("".join(cell["source"]), names) for cell in CELLS]
    html = [value._repr_html_() for value in made if hasattr(value, "_repr_html_")]
    assert len(html) == 5  # the schema, the plan, the preview, the dataset, its report
    assert "doctors" in html[0] and "arrivals" in html[0]
    assert "every constraint holds" in html[3]
    assert made[1]._repr_svg_().startswith("<svg")
    assert made[-1]["Monday"] > 3 * made[-1]["Saturday"]
    assert "Sunday" not in made[-1]


def test_it_is_small_and_holds_no_output() -> None:
    assert NOTEBOOK.stat().st_size < 10_000
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in CELLS)
