"""How many partitions share a task on Dask, and how many tasks are in flight."""

from __future__ import annotations

import math

MIN_IN_FLIGHT, IN_FLIGHT_PER_THREAD = 8, 3
"""The tasks in flight: so many for each thread of the cluster, and at least the minimum."""
IN_FLIGHT_SECONDS = 6.0
"""The work in flight for each thread, in seconds, at least. An adaptive cluster starts another worker if there is work
of more than 5 seconds for each thread.
"""
CHUNK_SECONDS, MAX_CHUNK = 2.0, 64
"""The target duration of a task, and the most partitions in one. A task costs Dask 10 ms of CPU, whatever its size."""
FIRST_SECONDS = 0.4
"""The seconds of a partition, as long as none is known. If it takes longer, the first tasks leave partitions to others.
"""
GUIDED_SHARE = 0.5
"""Guided self-scheduling: a task has at most the share of one thread in half of the waiting partitions. So tasks become
smaller towards the end, and all threads end together.
"""


def most_in_flight(threads: int, seconds: float) -> int:
    """The most tasks in flight, for partitions of so many seconds."""
    task = seconds * max(CHUNK_SECONDS // seconds, 1)
    return max(MIN_IN_FLIGHT, threads * max(IN_FLIGHT_PER_THREAD, math.ceil(IN_FLIGHT_SECONDS / task)))


def chunk_size(waiting: int, threads: int, seconds: float) -> int:
    """The partitions of the next task: as many as take CHUNK_SECONDS, fewer near the end."""
    guided = GUIDED_SHARE * waiting / max(threads, 1)
    return max(int(min(CHUNK_SECONDS / seconds, guided, MAX_CHUNK)), 1)


def task_count(partitions: int, threads: int, seconds: float) -> int:
    """The tasks of a run whose partitions take so many seconds each. That is not known of the first tasks."""
    first, tasks, waiting = most_in_flight(threads, FIRST_SECONDS), 0, partitions
    while waiting > 0:
        waiting -= chunk_size(waiting, threads, FIRST_SECONDS if tasks < first else seconds)
        tasks += 1
    return tasks
