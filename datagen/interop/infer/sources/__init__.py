"""Reads tables from files, databases and DDL."""
