"""Together or apart, with a reason that is kept (R20)."""

import pytest

from portal.models.arrangements import ArrangementEntry
from portal.models.audit import AuditEntry
from portal.models.roster import Pupil


def post(client, pupil, **data):
    return client.post(f"/school/pupils/{pupil.id}/arrangement/apart", data=data)


def apart(rows, pupil):
    return next(one for one in rows(Pupil) if one.id == pupil.id).apart_at is not None


def test_it_deals_apart_and_together_again(office, school, rows):
    answer = post(office, school.bram, apart="yes", reason="Op verzoek van beiden.")
    assert (answer.status_code, answer.location) == (303, f"/school/pupils/{school.bram.id}/arrangement")
    assert apart(rows, school.bram)
    post(office, school.bram, apart="no", reason="Het gaat weer.")
    assert not apart(rows, school.bram)
    entries = [(one.what, one.reason, one.changed_by, one.about) for one in rows(ArrangementEntry)]
    assert entries == [
        ("apart", "Op verzoek van beiden.", school.otto.id, None),
        ("together", "Het gaat weer.", school.otto.id, None),
    ]
    assert [one.verb for one in rows(AuditEntry)] == ["arrangement_apart", "arrangement_together"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"apart": "yes", "reason": ""}, "Schrijf de reden op."),
        ({"apart": "yes", "reason": " \u200b "}, "Schrijf de reden op."),
        ({"apart": "yes", "reason": "x" * 501}, "Gebruik hoogstens 500 tekens."),
        ({"reason": "Zomaar."}, "Kies samen of apart."),
        ({"apart": "perhaps", "reason": "Zomaar."}, 'id="errors"'),
    ],
)
def test_nothing_changes_without_a_choice_and_a_reason(office, school, rows, data, sentence):
    answer = post(office, school.bram, **data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert data["reason"].strip() in answer.text or not data["reason"].strip(" \u200b")
    assert not apart(rows, school.bram)
    assert rows(ArrangementEntry) == []


def test_who_comes_second_hears_that_a_colleague_was_first(client_for, school, rows):
    post(client_for(school.otto), school.bram, apart="yes", reason="Een.")
    answer = post(client_for(school.hedy), school.bram, apart="yes", reason="Twee.")
    assert answer.status_code == 422
    assert "Een collega heeft dit zojuist gewijzigd" in answer.text
    assert "Twee." in answer.text
    assert len(rows(ArrangementEntry)) == 1
