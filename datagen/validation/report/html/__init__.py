"""The report of a validation as one HTML file, without network access or other files."""

from datagen.validation.report.html.render import html_of, write_html

__all__ = ["html_of", "write_html"]
