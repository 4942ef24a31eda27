"""Realism tests: signs of made-up data, each with a statistic and a threshold, on mergeable states."""
