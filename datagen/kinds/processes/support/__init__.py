"""What processes share: the trajectory, the dwell laws, the draws of a step."""
