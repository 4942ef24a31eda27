"""Reads tables from files, databases, DDL, DataFrames, manifests of dbt and data contracts."""
