"""Shared code of processes: the trajectory, the dwell laws, the draws of a step."""
