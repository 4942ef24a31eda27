"""The plan as plain JSON values, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datagen.planning.plan import Family, Plan, TablePlan


def as_data(plan: Plan) -> dict[str, Any]:
    """What a run would do: rows and bytes of each table, partitions of each family, memory of a task and its budget in
    bytes.
    """
    return {
        "plan_id": plan.id,
        "schema": plan.name,
        "seed": plan.seed,
        "scale": plan.scale,
        "rows": plan.total_rows,
        "rows_are_exact": plan.counted,
        "bytes": plan.total_bytes,
        "format": plan.output.type,
        "partitions": len(plan.partitions),
        "memory_bytes": plan.memory,
        "memory_budget_bytes": plan.budget,
        "tables": {name: _table(table) for name, table in plan.tables.items()},
        "families": {name: _family(plan, family) for name, family in plan.families.items()},
    }


def _table(table: TablePlan) -> dict[str, Any]:
    return {
        "family": table.family,
        "rows": table.rows,
        "bytes": table.bytes,
        "hidden": table.hidden,
        "columns": {field.name: str(field.type) for field in table.schema},
    }


def _family(plan: Plan, family: Family) -> dict[str, Any]:
    return {
        "tables": list(family.tables),
        "rows": family.rows,
        "rows_in_memory": family.block,
        "rows_per_partition": family.partition,
        "partitions": sum(partition.family == family.root for partition in plan.partitions),
    }
