"""In a browser nothing is wider than a small screen, charts are saved as drawings of their own, and
the diagram zooms.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from xml.etree import ElementTree as ET

import pytest

from datagen.validation.report.html import html_of
from tests.validation.report.html.samples import failed_gate, report, shop

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-web-security",
    "--allow-file-access-from-files",
    "--virtual-time-budget=8000",
    "--window-size=1300,900",
    "--dump-dom",
)
AROUND = """<!doctype html><pre id="told"></pre><script>
const tell = (message) => { document.getElementById("told").textContent = JSON.stringify(message); };
async function look(frame) {
  const inside = frame.contentWindow, page = inside.document;
  const saved = [];
  inside.URL.createObjectURL = (blob) => { saved.push(blob); return "#"; };
  const buttons = [...page.querySelectorAll("button.save")];
  buttons.slice(0, 3).forEach((button) => button.click());
  const diagram = page.querySelector(".zoomed svg"), before = diagram.getBoundingClientRect().width;
  page.querySelector(".zoom button[aria-label=Larger]").click();
  const wide = [...page.querySelectorAll("main *")].filter((part) =>
    part.getBoundingClientRect().right > %(width)d + 1 && !part.closest(".scroll, .zoomed, svg, details"));
  tell({
    width: page.documentElement.scrollWidth, figures: page.querySelectorAll("figure[data-name]:has(svg)").length,
    buttons: buttons.length, saved: await Promise.all(saved.map((blob) => blob.text())),
    zoomed: diagram.getBoundingClientRect().width / before, wide: wide.map((part) => part.outerHTML.slice(0, 80)),
  });
}
</script><iframe onload="look(this).catch((error) => tell(String(error)))"
style="width:%(width)dpx;height:900px;border:0" srcdoc="%(page)s"></iframe>"""


@pytest.fixture(scope="module", params=[400, 1280])
def measured(request, tmp_path_factory):
    if BROWSER is None:
        pytest.skip("no Chromium on this machine")
    folder, width = tmp_path_factory.mktemp("browser"), request.param
    page = folder / "page.html"
    page.write_text(
        AROUND % {"width": width, "page": html.escape(html_of(report(failed_gate()), shop()))}, encoding="utf-8"
    )
    command = [BROWSER, *FLAGS, f"--user-data-dir={folder / 'profile'}", page.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=90).stdout
    return width, json.loads(html.unescape(re.search('<pre id="told">(.*?)</pre>', shown, re.DOTALL)[1]))


@pytest.mark.slow
def test_nothing_is_wider_than_the_screen(measured):
    width, seen = measured
    assert seen["wide"] == []
    assert seen["width"] <= width


@pytest.mark.slow
def test_every_chart_can_be_saved_as_a_drawing_of_its_own(measured):
    _, seen = measured
    assert seen["buttons"] == seen["figures"] > 20
    assert len(seen["saved"]) == 3
    for drawing in seen["saved"]:
        root = ET.fromstring(drawing)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert float(root.get("width")) > 100
        assert not any(part.get("class") for part in root.iter())
        assert any(part.get("fill", "").startswith("rgb") for part in root.iter())


@pytest.mark.slow
def test_the_diagram_zooms(measured):
    assert measured[1]["zoomed"] == pytest.approx(1.25, rel=0.02)
