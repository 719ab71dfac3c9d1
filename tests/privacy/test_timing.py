"""The clock does not tell either what the other guardian hides (SAFETY 34).

TIMING_PAIRS=2000 measures longer and closer: `make bench-timing`.
"""

import os
import time
from collections import defaultdict
from statistics import median

import pytest

from tests.accounts.test_telling_apart import chance_to_tell
from tests.privacy import twins
from tests.privacy.test_non_interference import reader
from tests.privacy.twins import Plan

PAIRS = int(os.environ.get("TIMING_PAIRS", "40"))
MARGIN = 0.25 if PAIRS < 1000 else 0.05
PARENT = Plan(common_children=1, other_child="same", shared_partner=True)
TEACHER = Plan(role="teacher", common_children=1)


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("plan", [PARENT, TEACHER], ids=["parent", "teacher"])
def test_a_page_takes_as_long_whatever_the_other_guardian_hides(
    tested_apps, tested_app, school, engine, plan
):
    case = twins.make(tested_app.school, plan)
    apps = [tested_app, tested_apps(engine, "twin")]
    spent: dict[tuple[str, bool], list[float]] = defaultdict(list)
    for swapped in (False, True):
        # Each school once in each app, so that what differs is the school.
        for app, world in zip(
            apps, (case.other, case.one) if swapped else (case.one, case.other), strict=True
        ):
            app.set_back(world.rows)
        clients = [reader(app) for app in apps]
        for path in pages_of(case, plan):
            for client in clients:
                assert client.get(path).status_code == 200
            for number in range(PAIRS // 2):
                for place in (0, 1) if number % 2 else (1, 0):
                    start = time.perf_counter()
                    clients[place].get(path)
                    spent[path, bool(place) != swapped].append(time.perf_counter() - start)
    for path in pages_of(case, plan):
        one, other = spent[path, False], spent[path, True]
        chance = chance_to_tell(one, other)
        print(f"{path}: AUC {chance:.3f}, median {median(one) * 1000:.2f} and {median(other) * 1000:.2f} ms")
        assert abs(chance - 0.5) < MARGIN, path


def pages_of(case: twins.Case, plan: Plan) -> list[str]:
    (child, *_) = (row["pupil_id"] for row in case.one.of("guardianships", user_id=case.reader))
    group = case.one.one("memberships", pupil_id=child, ended_on=None)["group_id"]
    pages = [f"/groups/{group}", f"/pupils/{child}", f"/pupils/{child}/absences", "/absence"]
    return [*pages, "/staff/today" if plan.role else "/"]
