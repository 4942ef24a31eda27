"""How Sphinx builds these pages; `make docs` calls it, and nothing here needs a network."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

from datagen.version import VERSION  # noqa: E402 - found through the path above

project = "Datagen"
author = "The Datagen authors"
copyright = "2026, The Datagen authors"  # noqa: A001 - Sphinx's name for it
version = release = VERSION

extensions = ["myst_parser", "kinds_reference", "example_pictures"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# The blocks begin with '$ ' and show what is printed; a document in YAML within JSON's braces is still YAML.
suppress_warnings = ["misc.highlighting_failure"]
highlight_language = "none"

html_theme = "furo"
html_title = f"Datagen {VERSION}"
html_copy_source = False
html_show_sourcelink = False
