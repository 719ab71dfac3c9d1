"""The group pages of the demo school: each group has something to tell, this week too."""

from collections import Counter

import pytest

from portal import clock
from portal.domain.weeks import monday_of
from portal.models.accounts import StaffMember
from portal.models.groups import GroupNews, WeekItem
from portal.models.roster import Group


@pytest.mark.parametrize("moment", ["2026-11-24 07:15", "2026-11-28 11:00", "2026-12-24 12:00"])
def test_every_group_of_this_year_has_a_week_and_news(demo, rows, moment):
    done = demo("--families", "12", "--years", "2", moment=moment)
    assert done.exit_code == 0, done.output
    now = clock.now()
    groups = {row.id for row in rows(Group) if not row.closed_at}
    items, news = rows(WeekItem), rows(GroupNews)
    assert {row.group_id for row in items} == {row.group_id for row in news} == groups
    assert set(Counter(row.group_id for row in news).values()) == {7}
    assert all(row.posted_at < now and clock.to_local(row.posted_at).weekday() < 5 for row in news)
    assert all(row.first_week == monday_of(row.first_week) for row in items)
    teachers = [row for row in rows(StaffMember) if row.role == "teacher"]
    assert all(row.work_email for row in teachers)
    assert {bool(row.reach) for row in teachers} == {True, False}
