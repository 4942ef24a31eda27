"""The documents whose data is broken: a factory, a clinic, a directory of people, a fleet and an insurer."""

from __future__ import annotations

from typing import Any

WINDOW = {"start": "2023-01-01", "end": "2025-01-01"}

FACTORY: dict[str, Any] = {
    "datagen": 1,
    "name": "factory",
    "seed": 5,
    "window": WINDOW,
    "tables": {
        "parts": {
            "rows": 12,
            "columns": {
                "part_id": {"type": "key"},
                "price": {"type": "lognormal", "median": 20, "sigma": 0.5, "decimals": 2},
            },
        },
        "machines": {
            "rows": 120,
            "columns": {
                "machine_id": {"type": "key"},
                "model": {"type": "choice", "values": {"A": 5, "B": 3, "C": 2}},
                "hall": {"type": "choice", "values": {"north": 3, "south": 2}},
                "power": {"type": "normal", "mean": 400, "sd": 60, "decimals": 1},
            },
            "behaviors": [
                {
                    "type": "segments",
                    "column": "model",
                    "multiply": {"B": {"readings.heat": 1.2}, "C": {"readings": 1.5}},
                }
            ],
        },
        "readings": {
            "parent": "machines",
            "rows": {"type": "events", "mean_per_month": 20},
            "columns": {
                "reading_id": {"type": "key"},
                "machine_id": {"type": "parent_key"},
                "read_at": {"type": "event_time"},
                "heat": {"type": "lognormal", "median": 60, "sigma": 0.2, "decimals": 2},
                "wear": {"type": "normal", "mean": 50, "sd": 8},
                "shift_code": {"type": "choice", "values": {"early": 5, "late": 4, "night": 1}},
                "status": {"type": "choice", "values": {"ok": 92, "warned": 5, "stopped": 3}},
                "part_id": {"type": "reference", "table": "parts", "popularity": {"type": "zipf", "exponent": 0.8}},
                "note": {
                    "type": "uniform",
                    "min": 1,
                    "max": 5000,
                    "decimals": 0,
                    "modifiers": [{"type": "nulls", "share": 0.3}],
                },
            },
            "behaviors": [
                {"type": "seasonality", "weekday": {"sat": 0.6, "sun": 0.5}, "hour": "office"},
                {"type": "noise", "rho": 0.4, "sd": 0.15},
            ],
        },
    },
}

CLINIC: dict[str, Any] = {
    "datagen": 1,
    "name": "clinic",
    "seed": 8,
    "window": WINDOW,
    "tables": {
        "patients": {
            "rows": {"type": "arrivals", "count": 3000, "before_window": 0.4},
            "columns": {
                "patient_id": {"type": "key"},
                "registered_at": {"type": "arrival_time"},
                "plan": {"type": "choice", "values": {"basic": 6, "plus": 3, "premium": 1}},
                "region": {"type": "choice", "values": {"east": 4, "west": 3, "south": 2}},
                "weight": {"type": "normal", "mean": 75, "sd": 14, "decimals": 1},
                "height": {"type": "normal", "mean": 172, "sd": 9, "decimals": 1},
                "smoker": {"type": "choice", "values": {"true": 2, "false": 8}},
                "phone": {"type": "pattern", "pattern": "+44 #######", "modifiers": [{"type": "nulls", "share": 0.25}]},
            },
            "behaviors": [
                {
                    "type": "segments",
                    "column": "plan",
                    "multiply": {"premium": {"visits": 2, "visits.fee": 1.5}, "plus": {"visits": 1.3}},
                }
            ],
        },
        "visits": {
            "parent": "patients",
            "rows": {"type": "events", "mean_per_month": 0.7, "dispersion": 0.3},
            "columns": {
                "visit_id": {"type": "key"},
                "patient_id": {"type": "parent_key"},
                "visited_at": {"type": "event_time"},
                "fee": {"type": "gamma", "mean": 90, "shape": 4, "decimals": 2},
                "outcome": {"type": "choice", "values": {"well": 80, "return": 15, "referred": 5}},
                "urgent": {"type": "choice", "values": {"true": 1, "false": 9}},
                "minutes": {"type": "lognormal", "median": 18, "sigma": 0.4, "decimals": 0},
                "paid_at": {
                    "type": "after",
                    "column": "visited_at",
                    "delay": {"type": "lognormal", "median": "3d", "sigma": 0.8},
                },
            },
            "behaviors": [
                {"type": "trend", "shape": "exponential", "growth_per_year": 0.2},
                {"type": "seasonality", "weekday": {"sat": 0.4, "sun": 0.2}, "hour": "office"},
            ],
        },
        "prescriptions": {
            "parent": "visits",
            "rows": {"type": "per_parent", "count": {"type": "uniform", "min": 0, "max": 3}},
            "columns": {
                "prescription_id": {"type": "key"},
                "visit_id": {"type": "parent_key"},
                "dose": {"type": "choice", "values": {"1": 5, "2": 3, "3": 2}},
                "days": {"type": "normal", "mean": 14, "sd": 3, "min": 1, "decimals": 0},
            },
        },
    },
}

PEOPLE: dict[str, Any] = {
    "datagen": 1,
    "name": "directory",
    "seed": 2,
    "tables": {
        "teams": {
            "rows": 150,
            "columns": {
                "team_id": {"type": "key"},
                "kind": {"type": "choice", "values": {"sales": 3, "research": 2, "support": 4}},
                "budget": {"type": "lognormal", "median": 90000, "sigma": 0.6, "decimals": 0},
            },
        },
        "people": {
            "parent": "teams",
            "rows": {"type": "per_parent", "count": {"type": "poisson", "mean": 40}},
            "columns": {
                "person_id": {"type": "key"},
                "team_id": {"type": "parent_key"},
                "grade": {"type": "choice", "values": {"junior": 5, "senior": 3, "lead": 2}},
                "salary": {
                    "type": "case",
                    "column": "grade",
                    "cases": {
                        "junior": {"type": "normal", "mean": 40000, "sd": 4000, "decimals": 2},
                        "senior": {"type": "normal", "mean": 60000, "sd": 6000, "decimals": 2},
                    },
                    "default": {"type": "normal", "mean": 80000, "sd": 9000, "decimals": 2},
                },
                "age": {"type": "uniform", "min": 20, "max": 64, "decimals": 0},
                "score": {"type": "beta", "a": 2, "b": 3},
                "office": {"type": "choice", "values": {"Oslo": 3, "Lima": 2, "Perth": 1}},
                "remote": {"type": "choice", "values": {"true": 4, "false": 6}},
                "badge": {"type": "pattern", "pattern": "B-####", "modifiers": [{"type": "nulls", "share": 0.1}]},
            },
        },
    },
}

FLEET: dict[str, Any] = {
    "datagen": 1,
    "name": "fleet",
    "seed": 3,
    "window": WINDOW,
    "tables": {
        "drivers": {
            "rows": {"type": "arrivals", "count": 60, "before_window": 0.5},
            "columns": {"driver_id": {"type": "key"}, "hired_at": {"type": "arrival_time"}},
        },
        "depots": {
            "rows": 24,
            "columns": {
                "depot_id": {"type": "key"},
                "country": {"type": "choice", "values": {"AT": 3, "PT": 2}},
                "capacity": {"type": "lognormal", "median": 30, "sigma": 0.8},
            },
        },
        "contracts": {
            "rows": {"type": "arrivals", "count": 40, "before_window": 0.6},
            "columns": {
                "contract_id": {"type": "key"},
                "begins": {"type": "arrival_time"},
                "ends": {"type": "after", "column": "begins", "delay": {"type": "exponential", "mean": "500d"}},
            },
        },
        "vehicles": {
            "rows": 400,
            "columns": {"vehicle_id": {"type": "key"}, "country": {"type": "choice", "values": {"AT": 3, "PT": 2}}},
            "behaviors": [
                {"type": "frailty", "of": ["trips", "repairs"], "dispersion": 0.5},
                {"type": "frailty", "of": ["trips.load"], "dispersion": 0.2},
            ],
        },
        "trips": {
            "parent": "vehicles",
            "rows": {"type": "events", "mean_per_month": 4},
            "columns": {
                "trip_id": {"type": "key"},
                "vehicle_id": {"type": "parent_key"},
                "left_at": {"type": "event_time"},
                "load": {"type": "lognormal", "median": 8, "sigma": 0.4, "decimals": 2},
                "driver_id": {
                    "type": "reference",
                    "table": "drivers",
                    "existing_at": "left_at",
                    "popularity": {"type": "zipf", "exponent": 0.9},
                },
                "depot_id": {
                    "type": "reference",
                    "table": "depots",
                    "same": {"country": "vehicles.country"},
                    "weight": "capacity",
                },
                "contract_id": {
                    "type": "reference",
                    "table": "contracts",
                    "valid": {"from": "begins", "to": "ends", "at": "left_at"},
                    "popularity": {"type": "zipf", "exponent": 0.8},
                },
            },
            "behaviors": [{"type": "noise", "of": ["trips.load"], "rho": 0.5, "sd": 0.2}],
        },
        "repairs": {
            "parent": "vehicles",
            "rows": {"type": "events", "mean_per_month": 0.5},
            "columns": {
                "repair_id": {"type": "key"},
                "vehicle_id": {"type": "parent_key"},
                "repaired_at": {"type": "event_time"},
            },
        },
    },
}

INSURER: dict[str, Any] = {
    "datagen": 1,
    "name": "insurer",
    "seed": 77,
    "window": {"start": "2022-03-01", "end": "2024-03-01"},
    "tables": {
        "adjusters": {"rows": 25, "columns": {"adjuster_id": {"type": "key"}}},
        "policies": {
            "rows": {"type": "arrivals", "count": 1500, "before_window": 0.4},
            "columns": {
                "policy_id": {"type": "key"},
                "signed_at": {"type": "arrival_time"},
                "holder": {"type": "person_name"},
                "tier": {"type": "choice", "values": {"basic": 5, "plus": 3, "gold": 2}},
                "city": {"type": "choice", "values": {"Rome": 4, "Bari": 3, "Turin": 2, "Pisa": 1}},
                "premium": {"type": "lognormal", "median": 300, "sigma": 0.5, "decimals": 2},
                "discount": {
                    "type": "beta", "a": 2, "b": 6, "decimals": 3, "modifiers": [{"type": "nulls", "share": 0.25}],
                },
                "phone": {
                    "type": "pattern", "pattern": "+39 ### #######", "modifiers": [{"type": "nulls", "share": 0.3}],
                },
            },
            "behaviors": [
                {
                    "type": "segments",
                    "column": "tier",
                    "multiply": {"gold": {"claims": 1.8, "claims.amount": 1.5}, "plus": {"claims.amount": 1.2}},
                }
            ],
        },
        "claims": {
            "parent": "policies",
            "rows": {"type": "events", "mean_per_month": 1},
            "columns": {
                "claim_id": {"type": "key"},
                "policy_id": {"type": "parent_key"},
                "at": {"type": "event_time"},
                "amount": {"type": "gamma", "mean": 800, "shape": 2, "decimals": 2},
                "ratio": {"type": "lognormal", "median": 1, "sigma": 0.3},
                "deductible": {"type": "uniform", "min": 50, "max": 500, "decimals": 0},
                "cause": {"type": "choice", "values": {"fire": 1, "water": 4, "theft": 3, "storm": 2, "glass": 5}},
                "adjuster_id": {"type": "reference", "table": "adjusters"},
                "code": {"type": "pattern", "pattern": "CL-#####"},
                "score": {
                    "type": "normal", "mean": 0, "sd": 1, "decimals": 3,
                    "modifiers": [{"type": "nulls", "share": 0.15}],
                },
                "rank": {"type": "normal", "mean": 10, "sd": 2, "decimals": 3},
                "closed_at": {
                    "type": "after",
                    "column": "at",
                    "delay": {"type": "lognormal", "median": "5d", "sigma": 0.6},
                    "after_window": "keep",
                },
            },
            "correlations": [{"columns": ["score", "rank"], "rho": 0.6}],
            "behaviors": [
                {
                    "type": "seasonality",
                    "weekday": {"sat": 0.6, "sun": 0.5},
                    "hour": "office",
                    "month": {"jan": 1.3, "aug": 0.8},
                }
            ],
        },
    },
}  # fmt: skip

DOCUMENTS = {"factory": FACTORY, "clinic": CLINIC, "people": PEOPLE, "fleet": FLEET, "insurer": INSURER}
