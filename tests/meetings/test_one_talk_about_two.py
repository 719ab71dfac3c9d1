"""One talk about both twins: whoever sees the talk at school, or waits for it, reads both names."""

import re
from io import BytesIO

import pytest
from openpyxl import load_workbook

from portal import clock
from portal.access import Viewer
from portal.domain.arrangements import change_authority, deal_apart, set_hiding
from portal.extensions import db
from portal.models.meetings import Booking, Invitee, MeetingRound, Slot
from portal.models.roster import Guardianship, Pupil
from tests.meetings.children import add_child

TUESDAY = "2026-12-01"


def words(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.fixture
def fien(app, school, talks) -> int:
    """The talk about Sem's twin sister, of the same two guardians."""
    talks.change(MeetingRound, talks.round, twins_together=True)
    return add_child(app, school.carl, school.group_6, "Fien", school.inge, "Peters")


@pytest.fixture
def one_talk(school, talks, fien, at) -> int:
    """The talk about Sem, on Tuesday at 15.20, in which Fien is talked about too."""
    sem = talks.invitee(school.sem)
    talks.book(school.carl, sem, talks.host_6, f"{TUESDAY} 15.20")
    talks.change(Invitee, fien, joined_to=sem)
    at(f"{TUESDAY} 15:10")
    return sem


@pytest.fixture
def seen_by_school(talks, one_talk) -> list[str]:
    table = f"/staff/meetings/tables/{talks.host_6}"
    return [
        f"/staff/meetings/talks/{one_talk}",
        f"{table}?day={TUESDAY}",
        f"{table}/evening?day={TUESDAY}",
        f"{table}/print",
        f"/staff/meetings/rounds/{talks.round}/families",
    ]


def test_the_teacher_reads_both_names(client_for, school, talks, seen_by_school):
    yara = client_for(school.yara)
    for path in seen_by_school:
        assert "Sem en Fien Peters" in words(yara, path), path
    book = load_workbook(BytesIO(yara.get(f"/staff/meetings/tables/{talks.host_6}/schedule.xlsx").data))
    assert "Sem en Fien Peters" in [cell.value for row in book.active for cell in row]


def test_the_office_reads_both_names(client_for, school, talks, one_talk):
    otto = client_for(school.otto)
    for path in ("evening", "families?show=all", f"families/{one_talk}"):
        assert "Sem en Fien" in words(otto, f"/school/meetings/{talks.round}/{path}"), path


def test_the_feed_has_both_first_names(client_for, school, talks, one_talk):
    yara = client_for(school.yara)
    yara.post("/staff/meetings/feed", data={"state": "open"})
    address = re.search(r"/meetings/feed/[^\"<\s]+\.ics", yara.get("/staff/meetings/feed").text)[0]
    assert "SUMMARY:Gesprek: Sem en Fien" in yara.get(address).text


@pytest.mark.parametrize(("shown", "sign"), [("initials", "S. P. en F. P."), ("first_names", "Sem en Fien")])
def test_the_hall_and_the_doors_have_the_sign_of_both(
    client_for, school, talks, one_talk, anonymous, shown, sign
):
    talks.change(MeetingRound, talks.round, hall_names=shown)
    otto = client_for(school.otto)
    otto.post(f"/school/meetings/{talks.round}/hall", data={"state": "open"})
    address = re.search(r"/hall/[^\"<\s]+", otto.get(f"/school/meetings/{talks.round}/hall").text)[0]
    assert f"15.20 {sign}" in words(anonymous, address)
    assert f"15.20 {sign}" in words(client_for(school.yara), f"/staff/meetings/rounds/{talks.round}/doors")


def test_who_waits_reads_both_first_names(client_for, school, talks, one_talk):
    for guardian in (school.carl, school.inge):
        assert "15.20 uur: Sem en Fien" in words(client_for(guardian), f"/meetings/{talks.round}/now")


def test_after_the_deadline_home_has_the_time_with_each_of_the_two(
    client_for, rows, school, talks, one_talk, at
):
    at("2026-11-28 09:00")
    carl = client_for(school.carl)
    fien = next(one.pupil_id for one in rows(Invitee) if one.joined_to)
    assert words(carl, "/").count("15.20") == 2
    for child in (school.sem.id, fien):
        assert "15.20" in words(carl, f"/pupils/{child}")


def test_a_page_that_is_open_gets_the_second_name(client_for, school, talks, one_talk, fien):
    talks.change(Invitee, fien, joined_to=None)
    yara = client_for(school.yara)
    page = yara.get(f"/staff/meetings/tables/{talks.host_6}/evening?day={TUESDAY}").text
    refresh = re.search(r'data-refresh="([^"]+)"', page)[1].replace("&amp;", "&")
    talks.change(Invitee, fien, joined_to=one_talk)
    assert "Sem en Fien" in yara.get(refresh, headers={"HX-Request": "true", "X-Refresh": "1"}).text


def test_of_other_surnames_each_child_stands_in_full(app, client_for, school, talks):
    noor = talks.invitee(school.noor)
    guus = add_child(app, school.anna, school.group_6, "Guus")
    talks.change(Invitee, guus, joined_to=noor)
    page = words(client_for(school.yara), f"/staff/meetings/talks/{noor}")
    assert "Noor Smit en Guus Bakker" in page


def test_a_child_whose_guardian_reads_stays_out(client_for, school, talks, app):
    """Tess is a guardian of Lotte: as school she reads neither of the two."""
    talks.change(MeetingRound, talks.round, twins_together=True)
    lotte = talks.invitee(school.lotte)
    luuk = add_child(app, school.tess, school.group_6, "Luuk")
    talks.change(Invitee, luuk, joined_to=lotte)
    talks.seat(school.tess, talks.host_6)
    assert client_for(school.tess).get(f"/staff/meetings/talks/{lotte}").status_code == 404
    page = words(client_for(school.tess), f"/staff/meetings/tables/{talks.host_6}?day={TUESDAY}")
    assert "Luuk" not in page and "Lotte" not in page


OFFERED = "hebben dezelfde leerkracht. Eén gesprek over allebei kan ook."


@pytest.fixture
def arrange(school, talks, do_now):
    """Lets the office arrange something about the child of a talk, as `do(pupil, viewer, now)` says."""

    def arranged(talk: int, do) -> None:
        office = Viewer(school.otto.id, "office")
        do_now(
            lambda: do(
                db.session.get_one(Pupil, db.session.get_one(Invitee, talk).pupil_id), office, clock.now()
            )
        )

    return arranged


def apart(pupil: Pupil, office: Viewer, now) -> None:
    deal_apart(pupil, True, "Gescheiden.", office, now)


def offers(client_for, school, talks) -> bool:
    sem = talks.invitee(school.sem, school.carl)
    return OFFERED in words(client_for(school.carl), f"/meetings/{talks.round}?talk={sem}")


def test_of_two_children_with_the_same_guardians_one_talk_is_offered(
    client_for, school, talks, fien, arrange
):
    assert offers(client_for, school, talks)
    for talk in (talks.invitee(school.sem), fien):
        arrange(talk, apart)
    assert offers(client_for, school, talks)


def test_not_where_school_deals_apart_with_one_of_the_two_whoever_hides(
    client_for, school, talks, fien, arrange
):
    arrange(talks.invitee(school.sem), apart)
    assert not offers(client_for, school, talks)

    def hide(pupil, office, now):
        place = db.session.query(Guardianship).filter_by(pupil_id=pupil.id, user_id=school.inge.id).one()
        set_hiding(place, "hide", "Op verzoek.", office, now)

    arrange(fien, hide)
    assert not offers(client_for, school, talks)


def test_they_part_when_not_the_same_adults_come_any_more(rows, school, talks, fien, one_talk, arrange):
    def take_authority(pupil, office, now):
        place = db.session.query(Guardianship).filter_by(pupil_id=pupil.id, user_id=school.inge.id).one()
        change_authority(place, False, "Uitspraak.", office, now)

    arrange(fien, take_authority)
    assert [one.joined_to for one in rows(Invitee) if one.id == fien] == [None]


@pytest.mark.parametrize("booked", [False, True])
def test_a_third_child_comes_to_the_talk_about_two_unless_its_time_would_stay(
    app, client_for, school, talks, fien, booked
):
    carl, sem = client_for(school.carl), talks.invitee(school.sem)
    mats = add_child(app, school.carl, school.group_6, "Mats", school.inge, "Peters")
    carl.post(f"/meetings/talks/{fien}/joining", data={"with": sem})
    if booked:
        talks.book(school.carl, mats, talks.host_6, f"{TUESDAY} 15.20")
    statuses = [
        carl.post(f"/meetings/talks/{other}/joining", data={"with": lead}).status_code
        for chosen in (sem, mats)
        for other, lead in offered(carl.get(f"/meetings/{talks.round}?talk={chosen}").text)
    ]
    assert statuses == ([] if booked else [303])


def offered(page: str) -> list[tuple[str, str]]:
    """Return which talk would be joined with which."""
    return re.findall(r'/talks/(\d+)/joining".*?name="with" value="(\d+)"', page)


def test_none_is_offered_with_a_talk_that_has_begun(client_for, school, talks, fien, at):
    sem = talks.invitee(school.sem)
    talks.change(MeetingRound, talks.round, closes_at=clock.at_local("2026-12-03 12:00"))
    talks.book(school.carl, sem, talks.host_6, f"{TUESDAY} 15.20")
    at(f"{TUESDAY} 14:00")
    page = f"/meetings/{talks.round}?talk={fien}"
    assert OFFERED in words(client_for(school.carl), page)
    at("2026-12-02 09:00")
    assert OFFERED not in words(client_for(school.carl), page)


@pytest.mark.parametrize("other", ["daan", ""])
def test_of_two_children_with_another_guardian_no_one_talk_is_offered_nor_made(
    app, client_for, school, talks, other
):
    talks.change(MeetingRound, talks.round, twins_together=True)
    fien = add_child(app, school.carl, school.group_6, "Fien", getattr(school, other, None), "Peters")
    carl, sem = client_for(school.carl), talks.invitee(school.sem)
    assert OFFERED not in words(carl, f"/meetings/{talks.round}?talk={sem}")
    answer = carl.post(f"/meetings/talks/{fien}/joining", data={"with": sem})
    assert answer.status_code == 409
    assert "Van deze twee gesprekken kan niet één gesprek worden gemaakt" in answer.text


def test_what_the_teacher_keeps_for_one_of_the_two_is_kept_for_the_one_talk(
    client_for, rows, school, talks, fien
):
    sem, place = talks.invitee(school.sem), talks.slot(talks.host_6, f"{TUESDAY} 15.20")
    talks.change(Slot, place, reserved_for=fien)
    client_for(school.carl).post(f"/meetings/talks/{fien}/joining", data={"with": sem})
    assert [(one.id, one.reserved_for) for one in rows(Slot) if one.reserved_for] == [(place, sem)]


def test_what_was_kept_is_free_when_the_one_talk_has_a_time(client_for, rows, school, talks, fien):
    sem, place = talks.invitee(school.sem), talks.slot(talks.host_6, f"{TUESDAY} 15.20")
    talks.book(school.carl, sem, talks.host_6, f"{TUESDAY} 15.40")
    talks.change(Slot, place, reserved_for=fien)
    client_for(school.carl).post(f"/meetings/talks/{fien}/joining", data={"with": sem})
    assert not [one for one in rows(Slot) if one.reserved_for]
    kept = client_for(school.yara).post(
        f"/staff/meetings/slots/{place}/booking", data={"talk": fien, "how": "keep"}
    )
    assert kept.status_code == 409 and not [one for one in rows(Slot) if one.reserved_for]


def test_what_was_to_be_discussed_in_the_time_that_is_given_up_comes_to_the_one_that_stays(
    client_for, rows, school, talks, fien
):
    sem, carl = talks.invitee(school.sem), client_for(school.carl)
    first = talks.book(school.carl, sem, talks.host_6, f"{TUESDAY} 15.20")
    second = talks.book(school.carl, fien, talks.host_6, f"{TUESDAY} 16.30")
    talks.change(Booking, first, subjects="Rekenen")
    talks.change(Booking, second, subjects="x" * 1000)
    answer = carl.post(f"/meetings/talks/{fien}/joining", data={"with": sem})
    assert answer.status_code == 409 and "is te lang voor één gesprek" in answer.text
    assert not [one for one in rows(Booking) if one.cancelled_at]
    talks.change(Booking, second, subjects="Lezen")
    assert carl.post(f"/meetings/talks/{fien}/joining", data={"with": sem}).status_code == 303
    (kept,) = [one for one in rows(Booking) if not one.cancelled_at]
    assert (kept.id, kept.subjects) == (first, "Rekenen\nLezen")


def test_the_page_of_the_second_child_leads_to_the_talk_about_both(
    app, client_for, school, talks, one_talk, fien
):
    yara = client_for(school.yara)
    with app.app_context():
        pupil = db.session.get_one(Invitee, fien).pupil_id
    page = yara.get(f"/pupils/{pupil}").text
    assert f"/staff/meetings/talks/{one_talk}" in page and f"/staff/meetings/talks/{fien}" not in page
    moved = yara.get(f"/staff/meetings/talks/{fien}")
    assert moved.status_code == 302 and moved.location.endswith(f"/staff/meetings/talks/{one_talk}")
    assert client_for(school.tim).get(f"/staff/meetings/talks/{fien}").status_code == 404


def write(client, talk: int, before: str, after: str) -> None:
    answer = client.post(f"/staff/meetings/talks/{talk}/notes", data={"before": before, "after": after})
    assert answer.status_code == 303


def test_the_teacher_reads_on_the_one_talk_what_was_noted_on_the_other(
    client_for, school, talks, fien, one_talk
):
    yara = client_for(school.yara)
    talks.change(Invitee, fien, joined_to=None)
    write(yara, fien, "Fien leest traag", "Fien bloeit op")
    yara.post(f"/staff/meetings/talks/{fien}/report", data={"text": "Ontwerp over Fien", "for": "me"})
    write(yara, one_talk, "Sem rekent", "Sem is stil")
    talks.change(Invitee, fien, joined_to=one_talk)
    page, table = f"/staff/meetings/talks/{one_talk}", f"/staff/meetings/tables/{talks.host_6}"
    assert "Eerder, over Fien Fien leest traag Fien bloeit op" in words(yara, page)
    assert "U, over Fien Fien leest traag" in words(yara, f"{table}/evening?day={TUESDAY}")
    assert "Sem is stil Fien bloeit op Ontwerp over Fien" in words(yara, f"{page}/report")
    for path in (page, f"{page}/report"):
        seen = words(client_for(school.otto), path)
        assert "leest traag" not in seen and "bloeit op" not in seen and "Ontwerp" not in seen


@pytest.mark.parametrize(
    ("of_lead", "of_joined", "asked"),
    [
        ("not_needed", "wanted", "wanted"),
        ("not_needed", "", ""),
        ("", "wanted", "wanted"),
        ("wanted", "not_needed", "wanted"),
        ("not_needed", "not_needed", "not_needed"),
    ],
)
def test_the_one_talk_is_wanted_when_one_of_the_two_was(
    client_for, rows, school, talks, fien, of_lead, of_joined, asked
):
    sem = talks.invitee(school.sem)
    for talk, wish in ((sem, of_lead), (fien, of_joined)):
        talks.change(Invitee, talk, asked=wish, asked_by=school.yara.id if wish else None)
    client_for(school.carl).post(f"/meetings/talks/{fien}/joining", data={"with": sem})
    (lead,) = [one for one in rows(Invitee) if one.id == sem]
    assert (lead.asked, lead.asked_by) == (asked, school.yara.id if asked else None)
    office = words(client_for(school.otto), f"/school/meetings/{talks.round}/families?show=open")
    assert ("Sem en Fien" in office) == (asked != "not_needed")


def taken(talks, rows) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for one in rows(Slot):
        if one.booking_id:
            found.setdefault(one.booking_id, []).append(clock.to_local(one.starts_at).strftime("%H.%M"))
    return found


def test_the_one_talk_takes_the_double_time_of_the_other(client_for, rows, school, talks, fien):
    """Also the place that the time that is given up leaves, before anybody who waits is offered it."""
    sem, noor = talks.invitee(school.sem), talks.invitee(school.noor)
    talks.change(Invitee, fien, minutes=20)
    kept = talks.book(school.carl, sem, talks.host_6, f"{TUESDAY} 15.20")
    talks.book(school.carl, fien, talks.host_6, f"{TUESDAY} 15.30")
    wait(client_for(school.anna), noor, talks.slot(talks.host_6, f"{TUESDAY} 15.30"))
    answer = client_for(school.carl).post(f"/meetings/talks/{fien}/joining", data={"with": sem})
    assert answer.status_code == 303
    assert taken(talks, rows) == {kept: ["15.20", "15.30"]}
    (lead,) = [one for one in rows(Invitee) if one.id == sem]
    (booking,) = [one for one in rows(Booking) if one.id == kept]
    assert (lead.minutes, booking.source, booking.fixed) == (20, "guardian", False)


def wait(client, talk: int, slot: int) -> None:
    assert client.post(f"/meetings/talks/{talk}/waiting", data={"slot": slot}).status_code == 303


@pytest.mark.parametrize("fixed", [False, True])
def test_two_talks_do_not_become_one_that_does_not_fit(client_for, rows, school, talks, fien, fixed):
    sem = talks.invitee(school.sem)
    talks.change(Invitee, fien, minutes=20)
    stays = talks.book(school.carl, sem, talks.host_6, f"{TUESDAY} 15.20")
    talks.change(Booking, stays, fixed=fixed)
    gives_way = talks.book(school.carl, fien, talks.host_6, f"{TUESDAY} 16.30")
    between = talks.book(school.anna, talks.invitee(school.noor), talks.host_6, f"{TUESDAY} 15.30")
    carl, before = client_for(school.carl), taken(talks, rows)
    answer = carl.post(f"/meetings/talks/{fien}/joining", data={"with": sem})
    assert answer.status_code == 409 and "Samen duurt dit 20 minuten" in answer.text
    assert taken(talks, rows) == before and set(before) == {stays, gives_way, between}
    assert not [one for one in rows(Invitee) if one.joined_to or (one.id == sem and one.minutes)]
    client_for(school.anna).post(f"/meetings/bookings/{between}/cancellation")
    assert carl.post(f"/meetings/talks/{fien}/joining", data={"with": sem}).status_code == 303
    assert taken(talks, rows) == {stays: ["15.20", "15.30"]}
    (booking,) = [one for one in rows(Booking) if one.id == stays]
    assert booking.fixed == fixed
