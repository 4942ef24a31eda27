"""The signs by which an analyst knows made-up data, each with its statistic and threshold, over mergeable states."""
