"""Shared code of processes: the trajectory, the dwell distributions, the draws of a step."""
