"""The marketing example has about twenty tables and 300,000 rows, and nothing in it that cannot happen."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

import datagen
from tests.views import views

EXAMPLE = Path(__file__).parents[2] / "examples" / "marketing.json"
NEVER = {
    "a mail is opened before it is sent, or after it bounced": """
        SELECT 1 FROM mail_opens JOIN mails USING (mail_id) WHERE opened_at < sent_at OR bounced""",
    "a mail is sent to somebody unknown yet": """
        SELECT 1 FROM mails JOIN contacts USING (contact_id) WHERE sent_at < created_at""",
    "a click comes before its open": """
        SELECT 1 FROM mail_clicks JOIN mail_opens USING (open_id) WHERE clicked_at < opened_at""",
    "a mailing is sent before it exists": """
        SELECT 1 FROM mails JOIN mailings USING (mailing_id) WHERE mails.sent_at < mailings.sent_at""",
    "an impression lies outside of its campaign": """
        SELECT 1 FROM impressions JOIN campaigns USING (campaign_id)
        WHERE shown_at NOT BETWEEN started_at AND ended_at""",
    "a campaign's spend is not the sum of its costs": """
        SELECT 1 FROM campaigns LEFT JOIN (SELECT campaign_id, SUM(cost) AS cost, COUNT(*) AS shown
        FROM impressions GROUP BY campaign_id) USING (campaign_id)
        WHERE spend <> COALESCE(cost, 0) OR impressions <> COALESCE(shown, 0)""",
    "an order's total is not the sum of its items": """
        SELECT 1 FROM orders JOIN (SELECT order_id, SUM(amount) AS amount FROM order_items GROUP BY order_id)
        USING (order_id) WHERE total <> amount""",
    "an item does not cost what its product costs": """
        SELECT 1 FROM order_items JOIN products USING (product_id)
        WHERE unit_price <> list_price OR amount <> quantity * unit_price""",
    "a product comes twice in an order": "SELECT 1 FROM order_items GROUP BY order_id, product_id HAVING COUNT(*) > 1",
    "a cancelled order is paid": "SELECT 1 FROM orders WHERE status = 'cancelled' AND paid_at IS NOT NULL",
    "an order is in another currency": """
        SELECT 1 FROM orders JOIN contacts USING (contact_id) JOIN countries USING (country_id)
        WHERE orders.currency <> countries.currency""",
    "a phone is of another country": """
        SELECT 1 FROM contacts WHERE NOT STARTS_WITH(phone, CASE country WHEN 'US' THEN '+1' WHEN 'GB' THEN '+44'
        WHEN 'DE' THEN '+49' WHEN 'FR' THEN '+33' WHEN 'ES' THEN '+34' WHEN 'PL' THEN '+48' END)""",
    "an address comes twice": "SELECT 1 FROM contacts GROUP BY email HAVING COUNT(*) > 1",
    "a page is viewed outside of its visit": """
        SELECT 1 FROM page_views JOIN visits USING (visit_id) WHERE viewed_at NOT BETWEEN started_at AND ended_at""",
    "a lead is in two stages at a time": """
        SELECT 1 FROM (SELECT left_at, LEAD(entered_at) OVER (PARTITION BY lead_id ORDER BY entered_at) AS next
        FROM lead_stages) WHERE next <> left_at""",
    "somebody wins without an offer": """
        SELECT 1 FROM lead_stages w WHERE stage = 'won' AND NOT EXISTS
        (SELECT 1 FROM lead_stages o
        WHERE o.lead_id = w.lead_id AND o.stage = 'offer' AND o.entered_at <= w.entered_at)""",
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    folder = tmp_path_factory.mktemp("marketing")
    return views(folder, datagen.generate(EXAMPLE, folder, workers=1).tables)


def test_it_has_about_twenty_tables_and_300_000_rows(data: duckdb.DuckDBPyConnection) -> None:
    tables = datagen.plan(EXAMPLE).tables
    rows = sum(data.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in tables)  # type: ignore[index]
    assert len(tables) == 22 and 270_000 < rows < 330_000


@pytest.mark.parametrize("what", NEVER)
def test_it_never_happens_that(data: duckdb.DuckDBPyConnection, what: str) -> None:
    assert data.execute(NEVER[what]).fetchall() == []
