"""What a guardian hides changes nothing for the other one: not a byte, not a header, not a mail (SAFETY 34).

PROVE_EXAMPLES=500 tries so many families beside these.
"""

import difflib
import os
import re

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from portal import clock, postman
from portal.domain import mails, outbox
from portal.extensions import db, start_writing
from portal.models.accounts import User
from tests.clients import FormClient, session_of
from tests.privacy import twins
from tests.privacy.attack import unpacked, walk
from tests.privacy.subjects import key_of, subjects_of
from tests.privacy.twins import Case, Plan
from tests.privacy.world import World

EXAMPLES = int(os.environ.get("PROVE_EXAMPLES", "0"))
CASES = [
    Plan(),
    Plan(role="teacher", common_children=2, other_child="same", shared_partner=True),
    Plan(role="office", twin="absent"),
    Plan(role="teacher", ended="reader", other_child="same"),
    Plan(role="head", common_children=2, other_child="else", shared_partner=True, twin="unhidden"),
]
CASES_OF = {
    "sqlite": CASES if EXAMPLES else CASES[1:],
    "postgres": CASES if EXAMPLES else CASES[:1],
}
"""The policy is the same on both databases: one case shows that the second says it in its own words."""
RANDOM = re.compile(r"\.[\w-]{6}\.[\w-]{20,}|W3CDTF\">[\dTZ:-]+|name=\"key\" value=\"[\w-]+")
"""What signs a form or the cookie, by what a form is known, and the moment at which a workbook was made."""

AT_THE_DOOR = "/doors"
"""What hangs at a door is the same whoever prints it: the children whose guardians are invited together."""

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
    ended=some.sampled_from(["", "", "reader", "hidden"]),
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
            max_examples=EXAMPLES or 1,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(plan=plans)
        def run(plan: Plan) -> None:
            proof(twins.make(start, plan))

        for plan in CASES_OF[engine]:
            try:
                proof(twins.make(start, plan))
            except AssertionError as failure:
                failure.add_note(str(plan))
                raise
        if EXAMPLES:
            run()

    return over


def test_the_other_guardian_gets_the_same_from_every_address(tested_app, prove):
    def proof(case: Case) -> None:
        one, other = (answers(tested_app, case, world) for world in (case.one, case.other))
        found = differences(one, other)
        assert not found, "\n".join(found)

    prove(proof)


def answers(tested, case: Case, world: World) -> dict[str, str]:
    """Return everything that the reader can get, by address; what is random in every answer is left out."""
    tested.set_back(world.rows)
    pages = {
        where: told(answer)
        for where, answer in walk(tested.app, case.one, reader(tested))
        if not (case.comes_together and where.endswith(AT_THE_DOOR))
    }
    return pages | mails_to(tested, case)


def reader(tested) -> FlaskClient:
    client = FormClient(tested.app, tested.app.response_class)
    with client.session_transaction() as session:
        session.update(session_of(twins.TOKEN) | {"csrf_token": "0" * 40})
    return client


def told(answer) -> str:
    headers = "\n".join(
        f"{name}: {value}"
        for name, value in answer.headers
        # The moment in a workbook is packed, so that its size differs by a byte or two.
        if name != "Content-Length" or not answer.data.startswith(b"PK")
    )
    return RANDOM.sub("(random)", f"{answer.status}\n{headers}\n\n{unpacked(answer.data)}")


def mails_to(tested, case: Case) -> dict[str, str]:
    """Return every kind of mail that can go to the reader now, about every row of theirs."""
    found = {}
    with tested.app.app_context():
        start_writing()
        user = db.session.get_one(User, case.reader)
        for kind in mails._SETTLE:
            for number in subjects_of(case.one, kind, case.reader):
                key = key_of(case.one, kind, user.id, number)
                outbox.queue(kind, clock.now(), user=user, subject_id=number, dedupe_key=key)
        db.session.commit()
        while outbox.anything_due(clock.now()):
            db.session.rollback()
            if letter := postman._take()[1]:
                mail = mails.render(letter)
                found[f"mail {letter.kind} {letter.id}"] = "\n".join(
                    map(str, (mail.subject, mail.recipients, mail.body, mail.html, mail.extra_headers))
                )
        db.session.rollback()
    return found


def differences(one: dict[str, str], other: dict[str, str]) -> list[str]:
    found = []
    for where in one.keys() & other.keys():
        if one[where] != other[where]:
            lines = difflib.unified_diff(one[where].splitlines(), other[where].splitlines(), lineterm="", n=0)
            changed = [line for line in lines if line[:1] in "+-" and "Content-Length" not in line]
            found.append(f"{where}: " + " | ".join(" ".join(line.split()) for line in changed[2:8]))
    return sorted(found, key=len)[:8] + [f"only in one: {where}" for where in one.keys() ^ other.keys()][:8]
