"""The planner on two processors."""

import psutil
import pytest

from portal.domain.planner import breaches, score
from portal.domain.planner.processes import make_plan_in_processes
from tests.domain.planner.test_make_plan import school


def test_two_processes_make_one_plan_and_leave_nothing_behind():
    told = []
    round_ = school()
    before = set(psutil.Process().children())
    plan = make_plan_in_processes(round_, 1.5, progress=told.append)
    assert breaches(round_, plan.seats) == []
    assert plan.score == score(round_, plan.seats) == told[-1].score
    assert [one.score for one in told] == sorted((one.score for one in told), reverse=True)
    assert set(psutil.Process().children()) <= before


def test_it_stops_when_it_is_good_enough():
    told = []
    plan = make_plan_in_processes(school(), 60, progress=told.append, stop=lambda: bool(told))
    assert plan.score.unplaced == 0


def test_a_process_that_dies_is_an_error_and_not_a_wait(monkeypatch):
    monkeypatch.setattr("portal.domain.planner.processes.PROGRAM", "/nowhere.py")
    with pytest.raises((EOFError, BrokenPipeError)):
        make_plan_in_processes(school(), 60)
