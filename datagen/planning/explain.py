"""The text of `datagen plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datagen.planning.plan import Family, Plan, TablePlan

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def human_bytes(size: float) -> str:
    """A size with three digits and its unit: 1.23 GB."""
    for unit in _UNITS:
        if size < 999.5 or unit == _UNITS[-1]:
            return f"{size:.3g} {unit}"
        size /= 1000
    raise AssertionError


def explain(plan: Plan) -> str:
    """The tables, the partitions and the resources of a plan as text."""
    about = "" if plan.counted else "about "
    lines = [
        f"{plan.name}: {about}{plan.total_rows:,} rows in {len(plan.shown)} tables, about {human_bytes(plan.total_bytes)} on disk",
        f"seed {plan.seed}, scale {plan.scale:g}, id {plan.id[:16]}",
        "",
        f"  {'table':<28}{'rows':>16}{'size':>12}  columns",
    ]
    for family in plan.families.values():
        lines += [_row(plan.tables[name], 0 if name == family.root else 2) for name in family.tables]
    lines += ["", *(_family_line(plan, family) for family in plan.families.values()), ""]
    lines.append(f"peak memory of a task: about {human_bytes(plan.memory)} of {human_bytes(plan.budget)} allowed")
    return "\n".join(lines)


def _row(table: TablePlan, indent: int) -> str:
    name = " " * indent + table.name + (" (hidden)" if table.hidden else "")
    columns = ", ".join(f"{f.name} {_short(f.type)}" for f in table.schema)
    columns = columns if len(columns) <= 60 else columns[:57] + "..."
    return f"  {name:<28}{table.rows:>16,}{human_bytes(table.bytes):>12}  {columns}"


def _short(type_: object) -> str:
    text = str(type_)
    if text.startswith("dictionary"):
        return "category"
    return {"timestamp[us]": "timestamp", "date32[day]": "date", "double": "float64"}.get(text, text)


def _family_line(plan: Plan, family: Family) -> str:
    parts = sum(partition.family == family.root for partition in plan.partitions)
    return (
        f"family {family.root}: {family.rows:,} root rows in {parts:,} partition{'s' * (parts != 1)} of up to "
        f"{family.partition:,}, {family.block:,} in memory at once ({human_bytes(family.block_bytes)})"
    )
