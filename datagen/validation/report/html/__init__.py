"""The report of a validation as one HTML file: no network, nothing to install, readable by a person new to the schema."""

from datagen.validation.report.html.render import html_of, write_html

__all__ = ["html_of", "write_html"]
