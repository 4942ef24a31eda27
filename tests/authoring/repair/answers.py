"""Answers as a chat gives them, each with what a person would have to correct by hand."""

YAML = """Sure! Here is the schema you asked for:

```yaml
datagen: 1
name: my clinic
window:
	start: 2024/01/01
	end: 31 Dec 2024
tables:
	Patients:
		# the people
		rows: 1,000
		columns:
			patient_id: {type: uuid4}
			first: {type: firstName}
			phone: {type: fake.phone_number}
			active: {type: boolean, nullable: false}
			kind: {type: choice, values: [a, b], weights: [3, 1]}
			born: date_of_birth
			smoker: {type: choice, values: {yes: 20%, no: 80%}}
			size: {type: gaussian, mean: 170, std: 10, ndigits: 1}
	Visits:
		parent: Patient
		rows: {type: events, mean_per_month: 3}
		columns:
			visit_id: {type: autoincrement}
			patient_id: {type: parent_id}
			at: {type: event_time}
			wait: {type: lognormal, median: 20 minutes, sigma: 0.5}
```
Let me know!
"""

JSON = """{
  // a shop
  'datagen': 1, name: "x",
  "window": {"start": 2024-01-01, "end": 2025-01-01,},
  "tables": [
    {"name": "orders", "rows": {"type": "arrivals", "count": 1_000}, "columns": [
       {"name": "id", "type": "key"},
       {"name": "at", "type": "arrival_time"},
       {"name": "paid", "type": "choice", "values": [True, False]}
       {"name": "lines", "type": "count_of", "table": "order_lines"},
    ]},
    {"name": "order_lines", "parent": "orders", "rows": {"type": "per_parent", "count": {"type": "poison", "mean": 2}},
     "columns": [{"name": "order_id", "type": "parent_key"}]
  ]
}
Hope that helps
"""
