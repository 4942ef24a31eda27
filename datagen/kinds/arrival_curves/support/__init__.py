"""Shared code of arrival curves."""
