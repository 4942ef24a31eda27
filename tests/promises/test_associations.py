"""Pairs of columns that belong together in life are dependent in the examples, as docs/associations.md lists them.

DATAGEN_WRITE_EXPECTED=1 writes the page anew.
"""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import datagen
from tests.views import views

EXAMPLES = Path(__file__).parents[2] / "examples"
PAIRS: dict[str, dict[str, str]] = {
    "bank.json": {
        "segment and income": "SELECT segment, income FROM customers",
        "kind and amount of a transaction": "SELECT kind, amount FROM account_transactions",
    },
    "shop.json": {
        "category and price": "SELECT category, list_price FROM products",
        "country and name": "SELECT country, name FROM customers",
        "segment and amount of an item": "SELECT segment, unit_price * quantity FROM order_items "
        "JOIN orders USING (order_id) JOIN customers USING (customer_id)",
    },
    "hr.yaml": {
        "country and name": "SELECT country, last_name FROM employees",
        "country and prefix of the phone": "SELECT country, substr(phone, 1, 3) FROM employees WHERE phone IS NOT NULL",
        "country and bank account": "SELECT country, substr(iban, 1, 2) FROM employees WHERE iban IS NOT NULL",
        "level and salary": "SELECT level, starting_salary FROM employees",
        "department of an employee and of the manager": "SELECT e.department_id, m.department_id FROM employees e "
        "JOIN employees m ON m.employee_id = e.manager_id",
        "gender and first name": "SELECT gender, first_name FROM employees",
    },
    "dvd_rental.yaml": {
        "country and city": "SELECT country_id, city FROM city",
        "country and name of a customer": "SELECT country_id, last_name FROM customer JOIN address USING (address_id) "
        "JOIN city USING (city_id)",
        "rental rate and payment": "SELECT rental_rate, amount FROM payment JOIN rental USING (rental_id) "
        "JOIN inventory USING (inventory_id) JOIN film USING (film_id)",
    },
    "marketing.json": {
        "country and name": "SELECT country, last_name FROM contacts",
        "country and prefix of the phone": "SELECT country, substr(phone, 1, 3) FROM contacts WHERE phone IS NOT NULL",
        "country and city": "SELECT country, city FROM contacts",
        "country and currency": "SELECT country, currency FROM orders JOIN contacts USING (contact_id)",
        "category and price": "SELECT category, list_price FROM products",
        "channel and cost": "SELECT channel, cost FROM impressions JOIN campaigns USING (campaign_id)",
        "status and payment": "SELECT status, paid_at IS NULL FROM orders",
    },
    "tpch.yaml": {
        "nation and phone": "SELECT c_nationkey, substr(c_phone, 1, 2) FROM customer",
        "status and date of an order": "SELECT o_orderstatus, epoch(o_orderdate) FROM orders",
        "receipt and return": "SELECT l_returnflag, epoch(l_receiptdate) FROM lineitem",
        "maker and brand": "SELECT p_mfgr, p_brand FROM part",
    },
    "healthcare_patient_journey.json": {
        "stage and its length": "SELECT stage, date_diff('hour', entered_at, left_at) FROM stages "
        "WHERE left_at IS NOT NULL",
        "imaging and the stage": "SELECT needs_imaging, stage FROM stages JOIN patients USING (patient_id)",
        "age group and urgency": "SELECT age_group, urgency FROM patients",
        "urgency and imaging": "SELECT urgency, needs_imaging FROM patients",
        "age group and car": "SELECT age_group, has_car FROM patients",
        "urgency and severity of symptoms": "SELECT urgency, severity FROM symptoms JOIN patients USING (patient_id)",
        "stage and next stage": "SELECT stage, next_stage FROM stages WHERE next_stage IS NOT NULL",
    },
    "saas_subscription_churn.json": {
        "segment and seats": "SELECT segment, seats FROM customers",
        "plan and amount of an invoice": "SELECT plan, amount FROM invoices",
        "movement and revenue": "SELECT movement, to_mrr - from_mrr FROM changes",
        "plan and next plan": "SELECT from_plan, to_plan FROM changes WHERE to_plan IS NOT NULL",
    },
    "payments_fraud.json": {
        "tier and amount of a payment": "SELECT tier, amount FROM payments JOIN accounts USING (account_id)",
        "chargeback and amount": "SELECT chargeback_at IS NULL, payments.amount FROM payments",
        "refund and payment": "SELECT refunds.amount, payments.amount FROM refunds JOIN payments USING (payment_id)",
    },
    "comprehensive_saas_analytics.json": {
        "channel and cost of a touch": "SELECT channel, cost FROM touches WHERE cost IS NOT NULL",
        "segment and seats": "SELECT segment, seats FROM accounts",
        "plan and amount of an invoice": "SELECT plan, amount FROM invoices",
        "segment and amount of an add-on": "SELECT segment, amount FROM addon_orders JOIN accounts USING (account_id)",
        "segment and role of a user": "SELECT segment, role FROM users JOIN accounts USING (account_id)",
        "channel of a touch and of its campaign": "SELECT touches.channel, campaigns.channel FROM touches "
        "JOIN campaigns USING (campaign_id)",
    },
    "ab_test.json": {
        "arm and exposure": "SELECT variant, exposed_at IS NULL FROM customers",
        "device and amount": "SELECT device, amount FROM orders JOIN customers USING (customer_id)",
    },
    "ecommerce_conversion_funnel.json": {
        "stage and its length": "SELECT stage, epoch(left_at) - epoch(reached_at) FROM steps WHERE left_at IS NOT NULL",
        "end of a visit and purchase": "SELECT ended_as, purchased_at IS NULL FROM journeys",
        "stage and next stage": "SELECT stage, next_stage FROM steps WHERE next_stage IS NOT NULL",
    },
    "growth_story.json": {
        "segment and device": "SELECT segment, device FROM users",
        "plan and amount": "SELECT plan, amount FROM purchases",
        "plan and refund": "SELECT plan, refunded_at IS NULL FROM purchases",
        "segment and amount": "SELECT segment, amount FROM purchases JOIN users USING (user_id)",
    },
    "healthcare_appointments_vintage.json": {
        "condition and year of birth": "SELECT condition, year(born_on) FROM patients",
        "condition and status": "SELECT condition, status FROM appointments JOIN patients USING (patient_id)",
        "specialty and fee": "SELECT specialty, fee FROM appointments",
        "status and end": "SELECT status, ends_at IS NULL FROM appointments",
    },
    "iot_machine_states.json": {
        "state and temperature": "SELECT state, temperature FROM readings WHERE temperature IS NOT NULL",
        "state and next state": "SELECT state, next_state FROM states WHERE next_state IS NOT NULL",
        "model and code of an alarm": "SELECT model, code FROM alarms JOIN machines USING (machine_id)",
    },
    "manufacturing_sensors_vintage.json": {
        "age of a machine and vibration": "SELECT date_diff('day', installed_at, measured_at), vibration FROM readings "
        "JOIN machines USING (machine_id)",
        "vibration and alarm": "SELECT vibration, alarm FROM readings",
        "cause and downtime": "SELECT cause, downtime_hours FROM failures",
        "downtime and cost": "SELECT downtime_hours, cost FROM failures",
    },
    "marketing_attribution.json": {
        "channel and cost of a touch": "SELECT channel, cost FROM touches",
        "channel of a touch and of its campaign": "SELECT touches.channel, campaigns.channel FROM touches "
        "JOIN campaigns USING (campaign_id)",
        "campaign and month of a touch": "SELECT campaign_id, month(touched_at) FROM touches "
        "WHERE campaign_id IS NOT NULL",
    },
    "product_adoption_diffusion.json": {
        "size and uses": "SELECT size, count(use_id) FROM accounts LEFT JOIN uses USING (account_id) "
        "GROUP BY account_id, size",
        "state and end of a state": "SELECT state, left_at IS NULL FROM adoption_states",
    },
    "referral_growth.json": {
        "plan and minutes of a session": "SELECT plan, minutes FROM sessions JOIN members USING (member_id)",
        "generation and referrer": "SELECT generation, referrer_id IS NULL FROM members",
    },
    "saas_subscription_vintage.json": {
        "plan and seats": "SELECT plan, seats FROM accounts",
        "plan and severity of a ticket": "SELECT plan, severity FROM support_tickets JOIN accounts USING (account_id)",
        "plan and sessions": "SELECT plan, count(session_id) FROM accounts LEFT JOIN sessions USING (account_id) "
        "GROUP BY account_id, plan",
    },
    "simple_users_events.json": {
        "country and name": "SELECT country, name FROM users",
        "kind and amount of an event": "SELECT kind, amount FROM events",
    },
    "subscription_lifecycle.json": {
        "plan and price": "SELECT plan, monthly_price FROM customers",
        "plan and amount of an invoice": "SELECT plan, amount FROM invoices JOIN customers USING (customer_id)",
        "state and next state": "SELECT state, next_state FROM stays WHERE next_state IS NOT NULL",
        "state and its length": "SELECT state, epoch(left_at) - epoch(entered_at) FROM stays WHERE left_at IS NOT NULL",
    },
    "vintage_effects_demo.json": {
        "segment and channel": "SELECT segment, channel FROM customers",
        "country and prefix of the phone": "SELECT country, substr(phone, 1, 3) FROM customers WHERE phone IS NOT NULL",
        "segment and phone": "SELECT segment, phone IS NULL FROM customers",
        "segment and amount": "SELECT segment, amount FROM orders JOIN customers USING (customer_id)",
        "status and payment": "SELECT status, paid_at IS NULL FROM orders",
    },
}
"""For each example, what belongs together and the query of its pairs of cells."""
SCALES = {
    "payments_fraud.json": 0.05, "comprehensive_saas_analytics.json": 0.3, "ab_test.json": 0.1,
    "ecommerce_conversion_funnel.json": 0.4, "growth_story.json": 0.15, "healthcare_appointments_vintage.json": 0.1,
    "iot_machine_states.json": 0.05, "manufacturing_sensors_vintage.json": 0.03, "marketing_attribution.json": 0.2,
    "product_adoption_diffusion.json": 0.1, "saas_subscription_vintage.json": 0.1, "simple_users_events.json": 0.2,
    "subscription_lifecycle.json": 0.2, "vintage_effects_demo.json": 0.1,
}  # fmt: skip
BINS, LEAST = 8, 0.1
PAGE = Path(__file__).parents[2] / "docs" / "associations.md"


def codes(cells: np.ndarray) -> np.ndarray:
    """Categories as numbers: numbers by eight groups of equal size, texts by value."""
    cells = cells.astype(float) if isinstance(cells.flat[0], Decimal) else cells
    if cells.dtype.kind in "if" and len(np.unique(cells)) > BINS:
        cells = np.searchsorted(np.quantile(cells, np.linspace(0, 1, BINS + 1)[1:-1]), cells)
    return np.unique(cells.astype(str), return_inverse=True)[1]


def cramers_v(one: np.ndarray, other: np.ndarray) -> float:
    """Cramer's V with the correction of Bergsma (2013), which is 0 on average for independent columns of any size."""
    table = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(table, (one, other), 1)
    expected = table.sum(1, keepdims=True) * table.sum(0) / len(one)
    phi = float(((table - expected) ** 2 / expected).sum()) / len(one)
    rows, columns = table.shape
    fair = max(0.0, phi - (rows - 1) * (columns - 1) / (len(one) - 1))
    fewest = min(rows - (rows - 1) ** 2 / (len(one) - 1), columns - (columns - 1) ** 2 / (len(one) - 1)) - 1
    return float(np.sqrt(fair / max(fewest, 1e-9)))


@pytest.mark.parametrize("name", PAIRS)
def test_what_belongs_together_is_dependent_as_the_page_says(name: str, tmp_path: Path) -> None:
    made = datagen.generate(EXAMPLES / name, tmp_path / "out", clean=True, workers=1, scale=SCALES.get(name, 1.0))
    database = views(tmp_path / "out", made.tables)
    shuffled, lines = np.random.default_rng(1), list[str]()
    for what, query in PAIRS[name].items():
        one, other = (codes(np.asarray(cells)) for cells in zip(*database.execute(query).fetchall(), strict=True))
        found = cramers_v(one, other)
        assert found > LEAST, what
        assert cramers_v(one, shuffled.permutation(other)) < found / 2, f"{what}, shuffled"
        lines.append(f"| {what} | {found:.2f} |")
    title = f"## {Path(name).stem}\n\n| pair | Cramér's V |\n|---|---|\n"
    page = PAGE.read_text(encoding="utf-8")
    if os.environ.get("DATAGEN_WRITE_EXPECTED"):
        old = page[page.index(title) :].split("\n\n##")[0] if title in page else ""
        new = title + "\n".join(lines)
        page = page.replace(old.rstrip("\n"), new) if old else f"{page}\n{new}\n"
        PAGE.write_text(page, encoding="utf-8")
    assert title + "\n".join(lines) in page
