"""GET /staff/letters/<id> of a letter that was sent, and its reminders: what became of it."""

import re
from datetime import timedelta

import pytest

from portal import clock
from portal.domain import outbox
from portal.domain.letter_audience import GROUP, PUPIL, SCHOOL, Part
from portal.domain.mail_trouble import note_returned
from portal.extensions import db, start_writing
from portal.models.accounts import StaffMember, User
from portal.models.letters import Letter, LetterRecipient
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Group, Guardianship, Membership, Pupil
from tests.letters.sending import send


@pytest.fixture
def letter(tested_app, app, school, at, mailed):
    """A letter of Tess to groep 3/4, that is in the mailboxes of Anna and Daan."""

    def make() -> int:
        at("2026-11-23 15:30")
        number = send(app, school.tess, [Part(GROUP, school.group_34)], "teacher")
        mailed()
        return number

    number = tested_app.to("letter in the mailboxes", make)
    at("2026-11-24 07:58")
    return number


@pytest.fixture
def to_everybody(app, school, at):
    """A letter of Otto to the whole school; its mail waits."""
    at("2026-11-23 15:30")
    return send(app, school.otto)


def set_copy(app, letter: int, person, **values) -> None:
    with app.app_context():
        start_writing()
        copy = db.session.get_one(LetterRecipient, (letter, person.id))
        for name, value in values.items():
            setattr(copy, name, value)
        db.session.commit()


def words_on(page) -> str:
    return " ".join(page.text.split())


def shown(client_for, person, letter: int) -> str:
    answer = client_for(person).get(f"/staff/letters/{letter}")
    assert answer.status_code == 200
    return words_on(answer)


def remind(client_for, person, letter: int, **data):
    return client_for(person).post(f"/staff/letters/{letter}/reminders", data=data)


def test_it_counts_who_read_the_letter(app, client_for, school, letter):
    set_copy(app, letter, school.anna, opened_at=clock.now())
    page = shown(client_for, school.tess, letter)
    assert "1 van 2 ouders lazen de brief" in page
    assert "1 gelezen" in page
    assert "1 bezorgd, niet gelezen" in page
    assert "niet aangekomen" not in page
    assert "Daan Visser" in page
    assert "van Bram, groep 3/4" in page
    assert "Anna Bakker" in page.partition("Wie heeft de brief gelezen?")[2]
    assert "gelezen di 24 nov, 7.58" in page
    assert "bezorgd ma 23 nov, 15.30" in page
    assert "Herinner 1 ouder" in page


def test_who_marked_it_unread_again_has_read_it(app, client_for, school, letter):
    set_copy(app, letter, school.anna, opened_at=clock.now(), unread_at=clock.now())
    assert "1 gelezen" in shown(client_for, school.tess, letter)


def test_everybody_read_it(app, client_for, school, letter):
    for person in (school.anna, school.daan):
        set_copy(app, letter, person, opened_at=clock.now())
    page = shown(client_for, school.tess, letter)
    assert "Iedereen heeft de brief gelezen" in page
    assert "Herinner" not in page


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("5.1.1", "Dit adres bestaat niet."),
        ("4.2.2", "De mailbox is vol."),
        ("gave up", "gaf een week lang geen antwoord"),
        ("5.7.1", "zag de mail als ongewenst"),
        ("5.2.1", "gesloten"),
        ("5.6.0", "(5.6.0)"),
    ],
)
def test_what_did_not_arrive_says_why(app, client_for, school, letter, code, words):
    set_copy(app, letter, school.daan, failed_at=clock.now(), failure=code)
    page = shown(client_for, school.tess, letter)
    assert "1 niet aangekomen" in page
    assert words in page
    assert "Druk brief af" in page


def test_what_comes_back_from_a_full_mailbox_is_tried_again_and_mailed_once(
    app, client_for, school, letter, do, mailed, rows, at
):
    [message] = [one for one in rows(OutgoingMessage) if one.user_id == school.daan.id]

    def come_back():
        bounced = outbox.note_bounced(message.message_id, "4.2.2", clock.now())
        note_returned(bounced, "4.2.2", True, clock.now())

    do(come_back)
    page = shown(client_for, school.tess, letter)
    assert "De mailbox is vol." in page and "Wordt morgen opnieuw geprobeerd." in page
    assert remind(client_for, school.tess, letter, guardian=school.daan.id).status_code == 303
    assert [mail.recipients for mail in mailed()] == [[school.daan.email]]
    assert "2 bezorgd, niet gelezen" in shown(client_for, school.tess, letter)
    at("2026-11-25 12:00")
    assert mailed() == []


def test_the_office_corrects_the_address_and_a_teacher_does_not_see_it(app, client_for, school, letter):
    set_copy(app, letter, school.daan, failed_at=clock.now(), failure="5.1.1")
    office = client_for(school.otto).get(f"/staff/letters/{letter}").text
    assert school.daan.email in office
    teacher = client_for(school.tess).get(f"/staff/letters/{letter}").text
    assert school.daan.email not in teacher
    assert "/school/accounts/" not in teacher


def test_an_address_that_was_refused_can_be_corrected_and_tried_again(
    app, client_for, school, at, smtp, mailed, change, rows
):
    smtp.refused.add(school.daan.email)
    at("2026-11-23 15:30")
    number = send(app, school.tess, [Part(GROUP, school.group_34)], "teacher")
    mailed()
    at("2026-11-24 08:10")
    page = shown(client_for, school.otto, number)
    assert f"/school/accounts/{school.daan.id}/email" in page
    assert "Stuur opnieuw" not in page
    assert remind(client_for, school.otto, number, guardian=school.daan.id).status_code == 303
    assert mailed() == []
    change(User, school.daan.id, email="daan@elders.example")
    assert "Stuur opnieuw" in shown(client_for, school.otto, number)
    remind(client_for, school.otto, number, guardian=school.daan.id)
    [mail] = mailed()
    assert mail.recipients == ["daan@elders.example"]
    assert mail.subject == "Een brief van juf Marieke"
    page = shown(client_for, school.otto, number)
    assert "2 bezorgd, niet gelezen" in page
    assert "niet aangekomen" not in page


def test_who_had_no_address_when_it_went_is_sent_it_once_there_is_one(
    app, client_for, school, at, mailed, change
):
    at("2026-11-23 15:30")
    change(User, school.daan.id, email=None)
    number = send(app, school.tess, [Part(GROUP, school.group_34)], "teacher")
    mailed()
    change(User, school.daan.id, email="daan@elders.example")
    page = shown(client_for, school.tess, number)
    assert "nog te mailen" not in page and "1 niet aangekomen" in page
    assert "Over deze brief is nog geen mail gegaan." in page
    at("2026-11-24 09:00")
    assert remind(client_for, school.tess, number, guardian=school.daan.id).status_code == 303
    assert "1 nog te mailen" in shown(client_for, school.tess, number)
    assert [mail.recipients for mail in mailed()] == [["daan@elders.example"]]
    assert "2 bezorgd, niet gelezen" in shown(client_for, school.tess, number)
    remind(client_for, school.tess, number, guardian=school.daan.id)
    assert mailed() == []


def test_it_says_for_whom_it_was_also_when_the_group_is_closed_or_the_child_left(
    app, client_for, school, letter, change
):
    alone = send(app, school.otto, [Part(PUPIL, school.sem.id)])
    change(Group, school.group_34, closed_at=clock.now())
    change(Pupil, school.sem.id, archived_at=clock.now())
    for person, number, words in (
        (school.otto, letter, "· groep 3/4"),
        (school.tess, letter, "· groep 3/4"),
        (school.otto, alone, "· Sem Peters"),
    ):
        assert words.lower() in shown(client_for, person, number).split("</h1>")[1][:300].lower()


@pytest.mark.parametrize("chosen", ["portal", "digest"])
def test_who_wanted_no_mail_then_reads_it_in_the_portal_whatever_is_chosen_later(
    app, client_for, school, at, mailed, rows, chosen
):
    at("2026-11-23 15:30")
    carl = client_for(school.carl)
    choose(carl, chosen)
    number = send(app, school.yara, [Part(GROUP, school.group_6)], "teacher")
    mailed()
    choose(carl, "portal")
    mailed()
    choose(carl, "at_once")
    page = shown(client_for, school.otto, number)
    assert "leest op het portaal" in page
    assert "geen mail gegaan" not in page
    at("2026-11-24 09:00")
    assert remind(client_for, school.otto, number, guardian=school.carl.id).status_code == 303
    assert [mail for mail in mailed() if "carl" in mail.recipients[0]] == []


def choose(client, letters: str, **quiet: str) -> None:
    answer = client.post("/profile/notices", data={"letters": letters, "digest_hour": "17"} | quiet)
    assert answer.status_code == 303


def test_who_came_when_the_letter_was_old_reads_it_in_the_portal(
    app, client_for, school, letter, at, do, mailed
):
    def give_authority():
        [place] = db.session.query(Guardianship).filter_by(user_id=school.gert.id).all()
        place.has_authority = True

    at("2026-11-23 15:30")
    number = send(app, school.otto)
    mailed()
    at("2026-12-02 09:00")
    do(give_authority)
    mailed()
    page = shown(client_for, school.otto, number)
    assert "1 lezen op het portaal" in page
    assert "nog te mailen" not in page and "niet aangekomen" not in page


def test_nobody_is_reminded_to_whom_the_mail_is_still_to_go(app, client_for, school, to_everybody, mailed):
    assert "Herinner" not in shown(client_for, school.otto, to_everybody)
    remind(client_for, school.otto, to_everybody)
    assert all("Herinnering" not in mail.subject for mail in mailed())
    assert "Herinner 5 ouders" in shown(client_for, school.otto, to_everybody)


def test_who_has_no_address_did_not_get_it_and_a_child_whom_nobody_hears_of_is_named(
    app, client_for, school, change, at
):
    change(User, school.carl.id, email=None)
    change(User, school.inge.id, email=None)
    at("2026-11-23 15:30")
    number = send(app, school.yara, [Part(GROUP, school.group_6)], "teacher")
    page = shown(client_for, school.yara, number)
    assert "Heeft geen e-mailadres." in page
    assert "Niemand thuis bij dit kind heeft van de brief gehoord:</b> <bdi>Sem Peters</bdi>." in page
    set_copy(app, number, school.carl, opened_at=clock.now())
    assert "Niemand thuis" not in shown(client_for, school.yara, number)


def test_a_child_without_a_guardian_is_named(app, client_for, school, do, at):
    do(lambda: db.session.query(Guardianship).filter_by(pupil_id=school.sem.id).delete())
    at("2026-11-23 15:30")
    number = send(app, school.yara, [Part(GROUP, school.group_6)], "teacher")
    assert "<bdi>Sem Peters</bdi>" in shown(client_for, school.yara, number)


def test_a_reminder_goes_to_who_has_not_opened_it_once_a_day(app, client_for, school, letter, mailed, at):
    set_copy(app, letter, school.anna, opened_at=clock.now())
    answer = remind(client_for, school.tess, letter)
    assert answer.status_code == 303
    assert answer.location.endswith(f"/staff/letters/{letter}")
    remind(client_for, school.tess, letter)
    [mail] = mailed()
    assert mail.recipients == [school.daan.email]
    assert mail.subject == "Herinnering: Een brief van juf Marieke"
    assert "U hebt deze brief nog niet geopend." in mail.text
    assert "Herinner 1 ouder" not in shown(client_for, school.tess, letter)
    assert "herinnerd di 24 nov" in shown(client_for, school.tess, letter)
    at("2026-11-25 08:00")
    remind(client_for, school.otto, letter)
    assert len(mailed()) == 1


def test_a_reminder_that_waits_does_not_go_to_who_opens_it_meanwhile(app, client_for, school, letter, mailed):
    remind(client_for, school.tess, letter)
    set_copy(app, letter, school.anna, opened_at=clock.now())
    assert [mail.recipients for mail in mailed()] == [[school.daan.email]]


def test_nobody_is_reminded_of_a_letter_that_was_withdrawn(app, client_for, school, letter, do, mailed):
    do(lambda: setattr(db.session.get_one(Letter, letter), "withdrawn_at", clock.now()))
    assert "Herinner" not in shown(client_for, school.tess, letter)
    assert "Ingetrokken op" in shown(client_for, school.tess, letter)
    remind(client_for, school.tess, letter)
    assert mailed() == []


def test_nobody_is_reminded_whose_child_has_left(app, client_for, school, letter, do, mailed):
    do(lambda: setattr(db.session.get_one(Pupil, school.bram.id), "archived_at", clock.now()))
    remind(client_for, school.tess, letter)
    assert mailed() == []


def test_a_colleague_sees_it_and_does_not_remind(client_for, school, letter):
    page = shown(client_for, school.tim, letter)
    assert "Herinner" not in page
    assert remind(client_for, school.tim, letter).status_code == 403
    assert client_for(school.yara).get(f"/staff/letters/{letter}").status_code == 404
    assert remind(client_for, school.yara, letter).status_code == 404
    assert client_for(school.anna).get(f"/staff/letters/{letter}").status_code == 404
    assert client_for(school.anna).get(f"/staff/letters/{letter}/paper").status_code == 404


def test_it_says_nothing_of_oneself_and_of_the_other_guardian_of_the_own_child(
    client_for, school, to_everybody, do
):
    """Carl works at the office too; Inge is the mother of his son."""
    do(lambda: db.session.add(StaffMember(user_id=school.carl.id, role="office")))
    page = shown(client_for, school.carl, to_everybody)
    assert "Inge" not in page
    assert "Carl Peters" not in page
    assert "van 3 ouders" in page
    assert "Inge" in shown(client_for, school.otto, to_everybody)


def test_a_receipt_of_the_other_guardian_changes_nothing_for_who_works_here(
    app, client_for, school, to_everybody, do
):
    do(lambda: db.session.add(StaffMember(user_id=school.carl.id, role="office")))
    pages = []
    for values in ({"opened_at": clock.now()}, {"opened_at": None, "failed_at": clock.now()}):
        set_copy(app, to_everybody, school.inge, **values)
        page = shown(client_for, school.carl, to_everybody)
        pages.append(re.sub(r'name="csrf_token" value="[^"]*"', "", page))
    assert pages[0] == pages[1]


def test_a_guardian_of_another_group_too_is_named_with_the_teachers_own_pupils(
    app, client_for, school, to_everybody
):
    number = send(app, school.otto, [Part(GROUP, school.group_6), Part(GROUP, school.group_34)])
    page = shown(client_for, school.yara, number)
    assert "Anna Bakker" in page
    assert "van Noor" in page
    assert "Bram" not in page


def test_the_letter_is_printed_as_parents_read_it(client_for, school, letter):
    page = client_for(school.tess).get(f"/staff/letters/{letter}/paper").text
    assert "<strong>lunch</strong>" in page
    assert "Museum op 10 december" in page


def test_it_asks_the_same_number_of_questions_for_a_large_school(app, client_for, school, count_queries, do):
    number = send(app, school.otto, [Part(SCHOOL)])
    client = client_for(school.otto)
    client.get(f"/staff/letters/{number}")
    with count_queries() as few:
        client.get(f"/staff/letters/{number}")

    def add_families():
        for one in range(100, 140):
            db.session.add(
                User(id=one, given_name=f"G{one}", email=f"g{one}@x.example", created_at=clock.now())
            )
            db.session.add(Pupil(id=one, given_name=f"P{one}", sort_key=f"{one}", created_at=clock.now()))
            db.session.flush()
            db.session.add(
                Membership(pupil_id=one, group_id=school.group_6, home=True, started_on=clock.today())
            )
            db.session.add(
                Guardianship(pupil_id=one, user_id=one, seat=1, has_authority=True, created_at=clock.now())
            )

    do(add_families)
    large = send(app, school.otto, [Part(SCHOOL)])
    set_copy(app, large, school.anna, failed_at=clock.now(), failure="5.1.1")
    with count_queries() as many:
        client.get(f"/staff/letters/{large}")
    assert len(many) == len(few)
    assert len(many) <= 12


def test_a_letter_about_one_pupil_is_kept_from_family_who_work_here(app, client_for, school, do):
    do(lambda: db.session.add(StaffMember(user_id=school.carl.id, role="office")))
    number = send(app, school.otto, [Part(PUPIL, school.sem.id)])
    assert client_for(school.carl).get(f"/staff/letters/{number}").status_code == 404
    assert client_for(school.carl).get(f"/staff/letters/{number}/paper").status_code == 404


def test_a_teacher_learns_of_a_letter_of_the_office_only_what_the_own_parents_did(
    app, client_for, school, at
):
    at("2026-11-23 15:30")
    letter = send(app, school.otto, [Part(GROUP, school.group_34), Part(GROUP, school.group_6)])
    at("2026-11-24 07:58")
    of_tess, of_yara = shown(client_for, school.tess, letter), shown(client_for, school.yara, letter)
    assert "Daan Visser" in of_tess and "Carl" not in of_tess
    assert "Carl" in of_yara and "Daan Visser" not in of_yara
    of_otto = shown(client_for, school.otto, letter)
    assert "Daan Visser" in of_otto and "Carl" in of_otto


def test_an_urgent_letter_is_sent_again_as_urgent_also_to_who_wants_no_mail(
    app, client_for, school, at, mailed
):
    at("2026-11-23 15:30")
    number = send(app, school.tess, [Part(GROUP, school.group_34)], "teacher", urgent=True)
    mailed()
    choose(client_for(school.daan), "portal")
    set_copy(app, number, school.daan, failed_at=clock.now(), failure="4.2.2")
    assert "Stuur opnieuw" in shown(client_for, school.tess, number)
    remind(client_for, school.tess, number, guardian=school.daan.id)
    [mail] = mailed()
    assert mail.recipients == [school.daan.email]
    assert mail.subject.startswith("Dringend: ")


@pytest.mark.parametrize("why", ["left", "closed"])
@pytest.mark.parametrize("is_read", [True, False])
def test_the_list_of_letters_counts_as_the_page_does(
    app, client_for, school, letter, change, do, why, is_read
):
    set_copy(app, letter, school.anna, opened_at=clock.now())
    set_copy(app, letter, school.daan, opened_at=clock.now() if is_read else None)
    if why == "left":
        daans = {"user_id": school.daan.id}
        do(lambda: db.session.query(Guardianship).filter_by(**daans).update({"has_authority": False}))
    else:
        change(User, school.daan.id, disabled_at=clock.now())
    otto = client_for(school.otto)
    assert f"{2 if is_read else 1} van {2 if is_read else 1} gelezen" in otto.get("/staff/letters").text
    page = words_on(otto.get(f"/staff/letters/{letter}"))
    assert ("2 van 2 ouders lazen" if is_read else "1 van 1 ouder ") in page


@pytest.mark.parametrize("why", ["today already", "left", "closed", "past", "no mail"])
def test_nothing_is_sent_again_where_that_can_do_nothing(app, client_for, school, letter, change, why):
    set_copy(app, letter, school.daan, failed_at=clock.now(), failure="4.2.2")
    assert "Stuur opnieuw" in shown(client_for, school.tess, letter)
    if why == "today already":
        set_copy(app, letter, school.daan, reminded_at=clock.now())
    if why == "left":
        with app.app_context():
            start_writing()
            db.session.query(Guardianship).filter_by(user_id=school.daan.id).update({"has_authority": False})
            db.session.commit()
    if why == "closed":
        change(User, school.daan.id, disabled_at=clock.now())
    if why == "past":
        change(Letter, letter, visible_until=clock.today() - timedelta(days=1))
    if why == "no mail":
        choose(client_for(school.daan), "portal")
    page = shown(client_for, school.tess, letter)
    assert "Stuur opnieuw" not in page
    assert ("niet aangekomen" in page) == (why in ("today already", "past"))
    assert ("van 1 ouder " in page) == (why in ("left", "closed"))
    answer = remind(client_for, school.tess, letter, guardian=school.daan.id)
    said = client_for(school.tess).get(answer.location).text
    assert "hoeft niemand een mail" not in said


@pytest.mark.parametrize("chosen", ["portal", "digest"])
def test_what_came_back_is_not_lost_any_more_once_its_reader_wants_no_mail_of_its_own(
    app, client_for, school, letter, do, mailed, rows, at, chosen
):
    [message] = [one for one in rows(OutgoingMessage) if one.user_id == school.daan.id]

    def come_back():
        bounced = outbox.note_bounced(message.message_id, "4.2.2", clock.now())
        note_returned(bounced, "4.2.2", True, clock.now())

    do(come_back)
    # A mail of the day waits, as it does in the quiet hours of its reader.
    choose(client_for(school.daan), chosen, quiet="y", quiet_from="07:00", quiet_until="09:00")
    at("2026-11-25 08:05")
    mailed()
    if chosen == "portal":
        choose(client_for(school.daan), "at_once")
    page = shown(client_for, school.tess, letter)
    assert "niet aangekomen" not in page
    assert ("leest op het portaal" if chosen == "portal" else "in de dagmail") in page


def test_a_child_whose_only_guardian_has_a_closed_account_is_named(app, client_for, school, letter, change):
    for person in (school.anna, school.daan):
        change(User, person.id, disabled_at=clock.now())
    page = shown(client_for, school.tess, letter)
    assert "<bdi>Bram Visser</bdi>" in page and "niet aangekomen" not in page


def test_who_came_when_the_letter_was_old_is_reminded_of_it(app, client_for, school, at, do, mailed):
    at("2026-11-23 15:30")
    number = send(app, school.otto)
    mailed()
    at("2026-12-02 09:00")
    do(
        lambda: (
            db.session.query(Guardianship).filter_by(user_id=school.gert.id).update({"has_authority": True})
        )
    )
    mailed()
    assert remind(client_for, school.otto, number).status_code == 303
    assert [school.gert.email] in [mail.recipients for mail in mailed()]
    assert "Gert Smit" in shown(client_for, school.otto, number)
