"""What was said of a talk without a time, when its guardians come apart or together again (R20, R22)."""

import re
from datetime import timedelta

import pytest

from portal import clock
from portal.access import Viewer, meeting_history_of
from portal.domain import arrangements, hiding, meeting_upkeep, roster_guardians, waiting
from portal.domain.meeting_choosing import decline, give_wishes
from portal.domain.slot_times import Span
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.models.meeting_talks import MeetingEvent, MeetingWish, SlotOffer, WaitingTime
from portal.models.meetings import Booking, Invitee, MeetingRound, Slot
from portal.models.roster import Guardianship, Pupil
from tests.meetings.family import Family

TUESDAY = "2026-12-01"


@pytest.fixture
def apart(school, do_now):
    """Lets school deal with Sem's guardians, Inge and Carl, apart or together."""

    def deal(apart: bool) -> None:
        office = Viewer(id=school.otto.id, role="office")
        do_now(
            lambda: arrangements.deal_apart(
                db.session.get_one(Pupil, school.sem.id), apart, "Gescheiden.", office, clock.now()
            )
        )

    return deal


@pytest.fixture
def unhide(school, do_now):
    """Lets Bram's guardians, Anna and Daan, no longer hide, so that they have one talk."""

    def show() -> None:
        for person in (school.anna, school.daan):
            do_now(
                lambda person=person: hiding.choose_hiding(own(person), False, viewer(person), clock.now())
            )

    def own(person) -> list[Guardianship]:
        guarded = {"user_id": person.id, "pupil_id": school.bram.id, "revoked_at": None}
        return db.session.query(Guardianship).filter_by(**guarded).all()

    def viewer(person) -> Viewer:
        return Viewer(id=person.id)

    return show


@pytest.fixture
def do_at(talks, do_now):
    """Does something about the talk of a guardian: `do_at(person, child, decline)`."""

    def do(person, child, verb) -> None:
        number = talks.invitee(child, person)
        do_now(lambda: verb(db.session.get_one(Invitee, number), Viewer(id=person.id), clock.now()))

    return do


def say_wishes(invitee, actor, now):
    starts = clock.at_local(f"{TUESDAY} 15:00")
    give_wishes([invitee], {Span(starts, starts + timedelta(minutes=30)): 2}, actor, now)


@pytest.fixture
def wait(talks):
    """Lets a family wait for Tuesday at 15.00 at a table."""

    def at(host):
        def verb(invitee, actor, now):
            slot = db.session.get_one(Slot, talks.slot(host, f"{TUESDAY} 15.00"))
            waiting.wait_for(invitee, [slot], actor, now)

        return verb

    return at


def own_talks(rows, child) -> dict[int | None, Invitee]:
    return {
        one.guardian_id: one for one in rows(Invitee) if one.pupil_id == child.id and one.ended_at is None
    }


@pytest.mark.parametrize("who", ["carl", "inge"])
def test_who_said_no_keeps_it_and_the_other_is_asked(rows, school, talks, do_at, apart, who):
    person = getattr(school, who)
    do_at(person, school.sem, decline)
    apart(True)
    now = own_talks(rows, school.sem)
    assert [key for key, talk in now.items() if talk.declined_at] == [person.id]
    assert set(now) == {school.carl.id, school.inge.id}


@pytest.mark.parametrize("who", ["carl", "inge"])
def test_who_gave_wishes_keeps_them(rows, school, talks, do_at, apart, who):
    person = getattr(school, who)
    talks.change(MeetingRound, talks.round, kind="wishes")
    do_at(person, school.sem, say_wishes)
    apart(True)
    now = own_talks(rows, school.sem)
    assert [wish.invitee_id for wish in rows(MeetingWish)] == [now[person.id].id]


@pytest.mark.parametrize("who", ["carl", "inge"])
def test_who_waits_goes_on_waiting_alone(rows, school, talks, do_at, apart, wait, who):
    person = getattr(school, who)
    talks.book(school.otto, talks.invitee(school.noor), talks.host_6, f"{TUESDAY} 15.00", "office")
    do_at(person, school.sem, wait(talks.host_6))
    apart(True)
    now = own_talks(rows, school.sem)
    assert [one.invitee_id for one in rows(WaitingTime)] == [now[person.id].id]


def test_the_time_of_one_goes_without_the_wishes_of_the_other(rows, school, talks, do_at, apart):
    do_at(school.carl, school.sem, say_wishes)
    talks.book(school.inge, talks.invitee(school.sem), talks.host_6, f"{TUESDAY} 15.00")
    apart(True)
    assert rows(MeetingWish) == []


@pytest.mark.parametrize("who", ["anna", "daan"])
def test_together_again_both_are_asked_and_neither_reads_what_the_other_said(
    app, rows, school, talks, do_at, unhide, who, at
):
    person = getattr(school, who)
    do_at(person, school.bram, say_wishes)
    do_at(person, school.bram, decline)
    at("2026-11-24 09:00")
    unhide()
    (talk,) = own_talks(rows, school.bram).values()
    assert (talk.guardian_id, talk.declined_at, talk.declined_by) == (None, None, None)
    assert [wish for wish in rows(MeetingWish) if wish.invitee_id == talk.id] == []
    with app.app_context():
        for reader in (school.anna, school.daan):
            seen = db.session.query(MeetingEvent).filter(meeting_history_of(Viewer(id=reader.id)))
            assert {one.actor_id for one in seen if one.invitee_id != talks.invitee(school.noor)} <= {
                reader.id,
                None,
            }
            assert not {talk.id} & {one.invitee_id for one in seen}


@pytest.mark.parametrize("who", ["anna", "daan"])
def test_together_again_nothing_is_held_for_one_of_them(
    client_for, rows, school, talks, do_at, unhide, wait, who, at
):
    person = getattr(school, who)
    do_at(person, school.bram, wait(talks.host_34))
    assert [one.answer for one in rows(SlotOffer)] == [""]
    at("2026-11-24 09:00")
    unhide()
    assert [one.answer for one in rows(SlotOffer)] == ["expired"]
    assert rows(WaitingTime) == [] and not [one for one in rows(Slot) if one.held_for]
    for reader in (school.anna, school.daan):
        history = client_for(reader).get(f"/meetings/{talks.round}/history").text
        assert "15.00" not in history or reader == person
        assert Family(client_for(reader), talks).see()


def test_each_of_two_has_the_length_and_what_the_teacher_said(rows, school, talks, apart):
    talks.change(Invitee, talks.invitee(school.sem), minutes=20, asked="wanted", asked_by=school.yara.id)
    apart(True)
    assert [(one.minutes, one.asked, one.asked_by) for one in own_talks(rows, school.sem).values()] == [
        (20, "wanted", school.yara.id)
    ] * 2


@pytest.fixture
def end_access(school, do_now):
    """Ends Anna's access to Bram, from whom Daan then hides alone."""

    def end() -> None:
        office = Viewer(id=school.otto.id, role="office")
        do_now(
            lambda: roster_guardians.revoke_guardianship(
                db.session.query(Guardianship)
                .filter_by(user_id=school.anna.id, pupil_id=school.bram.id, revoked_at=None)
                .one(),
                "Op verzoek.",
                office,
                clock.now(),
            )
        )

    return end


@pytest.fixture
def nobody_hides_but(app, school):
    """Lets only Anna hide, so that she is why the two have talks apart."""
    with app.app_context():
        start_writing()
        db.session.query(Guardianship).filter_by(user_id=school.daan.id).update({"hidden_at": None})
        db.session.commit()


def everything_of(app, rows, talk: int) -> dict[str, object]:
    """What is kept of a talk."""
    with app.app_context():
        return {
            model.__name__: [
                {name: value for name, value in vars(one).items() if not name.startswith("_")}
                for one in rows(model)
                if getattr(one, key) == talk
            ]
            for model, key in (
                (Invitee, "id"),
                (Booking, "invitee_id"),
                (MeetingEvent, "invitee_id"),
                (MeetingWish, "invitee_id"),
                (WaitingTime, "invitee_id"),
                (SlotOffer, "invitee_id"),
            )
        }


def lines_of(client, talks) -> list[str]:
    """What somebody reads of what was done."""
    page = client.get(f"/meetings/{talks.round}/history").text
    return re.findall(r"<li.*?</li>", page[page.index("<main") :], re.DOTALL)


@pytest.mark.parametrize("said", ["no", "wishes", "offer", "time"])
def test_who_is_left_alone_keeps_everything_and_cannot_tell_that_the_other_hid(
    app, client_for, rows, school, talks, do_at, wait, nobody_hides_but, end_access, said, at
):
    if said == "time":
        number = talks.book(
            school.daan, talks.invitee(school.bram, school.daan), talks.host_34, f"{TUESDAY} 15.00"
        )
        talks.change(Booking, number, subjects="Over Anna")
    else:
        verbs = {"no": decline, "wishes": say_wishes, "offer": wait(talks.host_34)}
        do_at(school.daan, school.bram, verbs[said])
    own = talks.invitee(school.bram, school.daan)
    before = everything_of(app, rows, own)
    history = lines_of(client_for(school.daan), talks)
    at("2026-11-24 11:00")
    end_access()
    assert everything_of(app, rows, own) == before
    assert set(own_talks(rows, school.bram)) == {school.daan.id}
    assert lines_of(client_for(school.daan), talks) == history
    with app.app_context():
        meeting_upkeep.repair(clock.now())
        db.session.commit()
    assert everything_of(app, rows, own) == before


def test_an_only_guardian_keeps_what_was_said_when_school_deals_apart_and_together_again(
    app, rows, school, talks, do_at, do_now
):
    office = Viewer(id=school.otto.id, role="office")
    do_at(school.tess, school.lotte, decline)
    for apart in (True, False):
        do_now(
            lambda apart=apart: arrangements.deal_apart(
                db.session.get_one(Pupil, school.lotte.id), apart, "Zo is het.", office, clock.now()
            )
        )
    (talk,) = own_talks(rows, school.lotte).values()
    assert talk.declined_by == school.tess.id
    assert talks.invitee(school.lotte, school.tess) == talk.id


@pytest.fixture
def guardian_joins(school, do_now):
    """Makes an adult a guardian of Bram, with authority."""

    def join(person) -> None:
        do_now(
            lambda: roster_guardians.add_guardian(
                db.session.get_one(Pupil, school.bram.id),
                db.session.get_one(User, person.id),
                "Voogd",
                True,
                Viewer(id=school.otto.id, role="office"),
                clock.now(),
            )
        )

    return join


@pytest.mark.parametrize("said", ["no", "wishes", "offer", "time"])
@pytest.mark.parametrize("hid", [True, False])
def test_who_was_alone_keeps_what_was_said_when_a_new_guardian_comes_whether_or_not_one_hid_before(
    app,
    client_for,
    rows,
    school,
    talks,
    do_at,
    do_now,
    wait,
    nobody_hides_but,
    unhide,
    end_access,
    guardian_joins,
    hid,
    said,
    at,
):
    if not hid:
        unhide()
    end_access()
    at("2026-11-24 11:00")
    talk = talks.invitee(school.bram, school.daan)
    if said == "time":
        talks.change(
            Booking, talks.book(school.daan, talk, talks.host_34, f"{TUESDAY} 15.00"), subjects="Rekenen"
        )
    else:
        verbs = {"no": decline, "wishes": say_wishes, "offer": wait(talks.host_34)}
        do_at(school.daan, school.bram, verbs[said])
    do_now(lambda: hiding.stop_hiding_still(Viewer(id=school.anna.id), clock.now()))
    before, history = everything_of(app, rows, talk), lines_of(client_for(school.daan), talks)
    at("2026-11-24 12:00")
    guardian_joins(school.gert)
    after = everything_of(app, rows, talk)
    assert after.pop("Invitee") == [before.pop("Invitee")[0] | {"guardian_id": None}]
    assert after == before
    assert lines_of(client_for(school.daan), talks) == history
    assert set(own_talks(rows, school.bram)) == {None}
    assert Family(client_for(school.gert), talks).see(talk)


def test_a_guardian_who_comes_back_reads_nothing_of_what_the_other_said_apart(
    app, rows, school, talks, nobody_hides_but, end_access, guardian_joins, do_now, at
):
    number = talks.book(
        school.daan, talks.invitee(school.bram, school.daan), talks.host_34, f"{TUESDAY} 15.00"
    )
    talks.change(Booking, number, subjects="Over Anna")
    at("2026-11-24 11:00")
    end_access()
    do_now(lambda: hiding.stop_hiding_still(Viewer(id=school.anna.id), clock.now()))
    guardian_joins(school.anna)
    assert set(own_talks(rows, school.bram)) == {None}
    assert [one.subjects for one in rows(Booking)] == [""]
    with app.app_context():
        seen = db.session.query(MeetingEvent).filter(meeting_history_of(Viewer(id=school.anna.id))).all()
    assert talks.invitee(school.bram) not in {one.invitee_id for one in seen}
