"""Shared code of clusters: connections, profiles, the processes of a local cluster."""
