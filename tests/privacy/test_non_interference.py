"""What a guardian hides changes nothing for the other one: not a byte, not a header, not a mail (SAFETY 34).

PROVE_EXAMPLES=500 tries more families.
"""

import difflib
import os
import re

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from tests.clients import FormClient, session_of
from tests.privacy import twins
from tests.privacy.attack import unpacked, walk
from tests.privacy.twins import Case, Plan
from tests.privacy.world import World

EXAMPLES = {"sqlite": int(os.environ.get("PROVE_EXAMPLES", "8")), "postgres": 3}
FORM_TOKEN = re.compile(r"[\w-]+\.[\w-]{6}\.[\w-]{20,}")
"""What signs a form or the cookie: it holds the time and a random number."""

plans = some.builds(
    Plan,
    role=some.sampled_from(["", "", "", "teacher", "office", "head"]),
    common_children=some.integers(1, 2),
    other_child=some.sampled_from(["none", "same", "else"]),
    shared_partner=some.booleans(),
    v_decides=some.sampled_from([True, True, True, False]),
    h_decides=some.sampled_from([True, True, True, False]),
    h_first=some.booleans(),
    hides_for_all=some.booleans(),
    twin=some.sampled_from(["other", "other", "unhidden", "absent"]),
    seed=some.integers(0, 2**32),
)


@pytest.fixture
def prove(tested_app, school, engine):
    """Runs a proof over generated families, always the same ones in a run of the whole suite."""
    start = tested_app.school
    assert start is not None

    def over(proof) -> None:
        @settings(
            max_examples=EXAMPLES[engine],
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(plan=plans)
        def run(plan: Plan) -> None:
            proof(twins.make(start, plan))

        run()

    return over


def test_the_other_guardian_gets_the_same_from_every_address(tested_app, prove):
    def proof(case: Case) -> None:
        one, other = (answers(tested_app, case, world) for world in (case.one, case.other))
        assert differences(one, other) == []

    prove(proof)


def answers(tested, case: Case, world: World) -> dict[str, str]:
    """Return everything that the reader can get, by address; what is random in every answer is left out."""
    tested.set_back(world.rows)
    return {where: told(answer) for where, answer in walk(tested.app, case.one, reader(tested))}


def reader(tested) -> FlaskClient:
    client = FormClient(tested.app, tested.app.response_class)
    with client.session_transaction() as session:
        session.update(session_of(twins.TOKEN) | {"csrf_token": "0" * 40})
    return client


def told(answer) -> str:
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers)
    return FORM_TOKEN.sub("(token)", f"{answer.status}\n{headers}\n\n{unpacked(answer.data)}")


def differences(one: dict[str, str], other: dict[str, str]) -> list[str]:
    found = [f"only in one: {where}" for where in one.keys() ^ other.keys()]
    for where in one.keys() & other.keys():
        if one[where] != other[where]:
            lines = difflib.unified_diff(one[where].splitlines(), other[where].splitlines(), lineterm="", n=0)
            found.append(f"{where}: " + " | ".join(line.strip() for line in list(lines)[3:9]))
    return found[:8]
