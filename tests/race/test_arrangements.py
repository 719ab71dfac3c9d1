"""Two people of the office, on many devices, who decide about the same guardian at the same moment."""

from collections import Counter

import pytest

from portal.models.arrangements import ArrangementEntry, Barring, InformationRequest
from portal.models.roster import Guardianship, Pupil
from tests.race.crowding import CLIENTS, Crowd, statuses


@pytest.fixture
def crowd(live_server) -> Crowd:
    return Crowd(live_server)


def of_sem(rows, school):
    return [one for one in rows(Guardianship) if one.pupil_id == school.sem.id]


def send(crowd, school, path, forms):
    """Send a post of Otto and of Hedy, again and again in turn, all at once."""
    people = (school.otto, school.hedy)
    posts = [
        crowd.post(people[number % 2], path, **forms[number % len(forms)], reason=f"Reden {number}")
        for number in range(CLIENTS)
    ]
    return Counter(statuses(crowd.send(posts)))


def test_one_of_all_who_deal_apart_is_first(crowd, school, rows):
    counts = send(crowd, school, f"/school/pupils/{school.sem.id}/arrangement/apart", [{"apart": "yes"}])
    assert counts == {303: 1, 422: CLIENTS - 1}
    assert len(rows(ArrangementEntry)) == 1
    assert next(one for one in rows(Pupil) if one.id == school.sem.id).apart_at


def test_authority_goes_to_and_fro_and_every_turn_is_noted(crowd, school, rows):
    one = of_sem(rows, school)[0]
    forms = [{"authority": "no"}, {"authority": "yes"}]
    counts = send(crowd, school, f"/school/guardianships/{one.id}/authority", forms)
    entries = [entry.what for entry in rows(ArrangementEntry)]
    assert counts[303] == len(entries) >= 1 and set(counts) <= {303, 422}
    assert entries == [("no_authority", "authority")[number % 2] for number in range(len(entries))]
    assert of_sem(rows, school)[0].has_authority == (len(entries) % 2 == 0)


def test_one_of_all_who_lock_is_first(crowd, school, rows):
    one = of_sem(rows, school)[0]
    counts = send(crowd, school, f"/school/guardianships/{one.id}/hiding", [{"step": "lock"}])
    assert counts == {303: 1, 422: CLIENTS - 1}
    assert [entry.what for entry in rows(ArrangementEntry)] == ["locked"]


def test_barring_wins_from_whoever_adds_the_same_person(crowd, school, rows):
    """Carl is barred while others add him to the child: in no order does he end up as its guardian."""
    bar = f"/school/pupils/{school.lotte.id}/barrings/new"
    add = f"/school/pupils/{school.lotte.id}/guardians/new"
    known = {"email": "carl@lindeboog.example", "language": "nl"}
    posts = []
    for number in range(CLIENTS):
        person = (school.otto, school.hedy)[number % 2]
        if number % 5:
            posts.append(crowd.post(person, add, known=school.carl.id, has_authority="y", **known))
        else:
            posts.append(crowd.post(person, bar, who="other", surname="P", reason="Verbod.", **known))
    counts = Counter(statuses(crowd.send(posts)))
    assert set(counts) <= {303, 422}
    assert [one.user_id for one in rows(Barring)] == [school.carl.id]
    now = [
        one.user_id for one in rows(Guardianship) if one.pupil_id == school.lotte.id and not one.revoked_at
    ]
    assert now == [school.tess.id]


def test_three_questions_are_open_at_most(crowd, school, rows):
    path = f"/pupils/{school.noor.id}/information/requests/new"
    posts = [crowd.post(school.gert, path, question=f"Vraag {number}") for number in range(CLIENTS)]
    counts = Counter(statuses(crowd.send(posts)))
    asked = rows(InformationRequest)
    assert set(counts) <= {303, 422} and counts[303] == len(asked)
    assert 1 <= len(asked) <= 3
    assert len({one.place for one in asked}) == len(asked)


def test_one_of_all_who_answer_is_first(crowd, school, rows, client_for):
    client_for(school.gert).post(
        f"/pupils/{school.noor.id}/information/requests/new", data={"question": "Hoe gaat het?"}
    )
    forms = [{"decision": "answer", "answer": "Goed."}, {"decision": "refuse", "answer": "Nee."}]
    counts = send(crowd, school, "/school/information/1", forms)
    assert counts == {303: 1, 422: CLIENTS - 1}
    [entry] = rows(ArrangementEntry)
    assert entry.what == ("refused" if rows(InformationRequest)[0].refused else "answered")
