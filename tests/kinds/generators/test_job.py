from __future__ import annotations

from tests.fakes import column, listed


def test_titles_are_many():
    jobs = listed(column({"type": "job"}, 5000))
    assert len(set(jobs)) > 800
    assert all(job == job.strip() and job[0].isupper() for job in jobs)
