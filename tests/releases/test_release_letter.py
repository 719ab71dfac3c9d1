"""A letter that was sent is released to a guardian without authority, who reads it as it is and no more."""

from dataclasses import replace
from html import unescape

import pytest
from sqlalchemy import delete, update

from portal import clock
from portal.access import Viewer
from portal.domain import letters, roster_guardians
from portal.domain.letter_audience import GROUP, GUARDIAN, LIST, PUPIL, SCHOOL, YEAR, Part
from portal.extensions import db, start_writing
from portal.models.arrangements import ArrangementEntry, Release
from portal.models.letters import (
    Attachment,
    Letter,
    LetterAudience,
    LetterList,
    LetterListMember,
    LetterRecipient,
)
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Guardianship, Pupil
from portal.models.school import SchoolYear
from tests.albums.pictures import jpeg
from tests.arrangements.conftest import make_family
from tests.letters.files import PDF, attach
from tests.letters.sending import WORDS, send
from tests.letters.slips import send_with_slip


@pytest.fixture
def give(office, school):
    """Lets the office release a letter about Noor to Gert."""

    def post(letter: int, **data):
        form = {"to": school.gert.id, "letter": letter, "title": "", "text": "", **data}
        return office.post(f"/school/pupils/{school.noor.id}/releases/new", data=form)

    return post


@pytest.fixture
def letter(app, school) -> int:
    """A letter to groep 6, with a picture in its text and a file."""
    number = send(
        app,
        school.yara,
        [Part(GROUP, school.group_6)],
        "teacher",
        text="Wij gaan **mee**.\n\n![De bus](foto:1)",
    )
    attach(app, number, school.yara)
    attach(app, number, school.yara, jpeg(), "bus.jpg", inline=True)
    return number


@pytest.fixture
def change_letter(app):
    """Does something to a letter, as who wrote it."""

    def do(number: int, act) -> None:
        with app.app_context():
            start_writing()
            act(db.session.get_one(Letter, number))
            db.session.commit()

    return do


def offered(office, school) -> str:
    page = office.get(f"/school/pupils/{school.noor.id}/releases/new").text
    return unescape(page[page.index("<select") : page.index("</select>")])


def page_of(rows) -> str:
    return f"/releases/{max(one.id for one in rows(Release))}"


def keys(rows) -> list[str]:
    return [one.key for one in rows(Attachment)]


# --- which letters ----------------------------------------------------------------------------------------


def test_the_letters_about_the_child_of_this_year_are_offered(app, office, school, letter, change_letter):
    for title, parts in [
        ("Aan de school", [Part(SCHOOL)]),
        ("Aan jaargroep 6", [Part(YEAR, 6)]),
        ("Over Noor", [Part(PUPIL, school.noor.id)]),
        ("Aan Anna alleen", [Part(GUARDIAN, school.noor.id, school.anna.id)]),
        ("Aan groep 3/4", [Part(GROUP, school.group_34)]),
        (
            "Aan groep 3/4 en Anna",
            [Part(GROUP, school.group_34), Part(GUARDIAN, school.noor.id, school.anna.id)],
        ),
        ("Zonder Noor", [Part(GROUP, school.group_6), Part(PUPIL, school.noor.id, excluded=True)]),
        ("Ingetrokken", [Part(SCHOOL)]),
        ("Van vorig jaar", [Part(SCHOOL)]),
    ]:
        number = send(app, school.otto, parts, title=title)
        if title == "Ingetrokken":
            change_letter(number, lambda one: letters.withdraw(one, Viewer(school.otto.id), clock.now()))
        if title == "Van vorig jaar":
            day = clock.today().replace(year=2024)
            change_letter(number, lambda one, day=day: _of_another_year(one, day))
    words = offered(office, school)
    for title in ("Museum op 10 december", "Aan de school", "Aan jaargroep 6", "Over Noor"):
        assert f"vandaag: {title}<" in words
    assert words.count("<option") == 5


def _of_another_year(letter: Letter, day) -> None:
    year = SchoolYear(name="2024-2025", first_day=day, last_day=day)
    db.session.add(year)
    db.session.flush()
    letter.school_year_id = year.id


def test_what_one_guardian_got_as_one_of_a_list_or_beside_others_is_not_offered(
    app, office, school, change_letter
):
    only_anna = Part(GUARDIAN, school.noor.id, school.anna.id)
    with app.app_context():
        start_writing()
        made = {"made_by": school.otto.id, "made_at": clock.now()}
        lists = [LetterList(name=name, **made) for name in ("Koor", "Ouderraad", "Toneel")]
        db.session.add_all(lists)
        db.session.flush()
        choir, council, stage = (one.id for one in lists)
        db.session.add_all(
            [
                LetterListMember(list_id=choir, pupil_id=school.noor.id),
                LetterListMember(list_id=stage, pupil_id=school.lotte.id),
                LetterListMember(list_id=council, pupil_id=school.noor.id, user_id=school.anna.id),
            ]
        )
        db.session.commit()
    for title, parts in [
        ("Aan het koor", [Part(LIST, choir)]),
        ("Aan de ouderraad", [Part(LIST, council)]),
        ("Aan het toneel en Anna", [Part(LIST, stage), only_anna]),
        ("Aan jaargroep 3 en Anna", [Part(YEAR, 3), only_anna]),
        ("Over Bram en aan Anna", [Part(PUPIL, school.bram.id), only_anna]),
    ]:
        send(app, school.otto, parts, title=title)
    personal = send(app, school.otto, [only_anna], title="Aan Anna alleen")
    outside = {"letter_id": personal, "kind": GROUP, "group_id": school.group_6, "excluded": True}
    change_letter(personal, lambda _letter: db.session.add(LetterAudience(**outside)))
    words = offered(office, school)
    assert "vandaag: Aan het koor<" in words and words.count("<option") == 2


def test_what_was_written_to_the_own_family_is_not_offered(app, client_for, school):
    with app.app_context():
        start_writing()
        family = make_family(school)
        db.session.commit()
    send(app, school.yara, [Part(GROUP, school.group_6)], "teacher", title="Aan groep 6")
    own = [Part(GROUP, school.group_6), Part(PUPIL, family.pim)]
    send(app, school.otto, own, title="Aan groep 6 en Pim")
    words = offered(client_for(family.olga), school)
    assert "Aan groep 6<" in words and "Pim" not in words


def test_a_letter_that_is_not_offered_is_not_released(app, give, school, rows):
    private = send(app, school.otto, [Part(GUARDIAN, school.noor.id, school.anna.id)])
    assert give(private).status_code == 422
    assert rows(Release) == []


def test_it_is_a_letter_or_something_else_and_not_both(give, rows, letter):
    answer = give(letter, title="Rapport", text="Zie ook dit.")
    assert answer.status_code == 422
    assert "niet allebei tegelijk" in answer.text and "Zie ook dit." in answer.text
    assert rows(Release) == []


# --- reading it -------------------------------------------------------------------------------------------


def test_it_is_read_with_its_pictures_and_files_and_noted(gert, give, school, rows, letter, mailed):
    assert {gert.get(f"/attachments/{key}").status_code for key in keys(rows)} == {404}
    assert give(letter).status_code == 303
    assert "Museum op 10 december" in gert.get("/").text
    page = gert.get(page_of(rows)).text
    assert "Wij gaan <strong>mee</strong>." in page and "Programma" in page
    assert all(f"/attachments/{key}" in page for key in keys(rows))
    file, picture = [gert.get(f"/attachments/{key}") for key in keys(rows)]
    assert (file.status_code, file.data, picture.status_code) == (200, PDF, 200)
    [noted] = rows(ArrangementEntry)
    assert (noted.what, noted.about, noted.changed_by) == ("released", school.gert.id, school.otto.id)
    [mail] = [one for one in mailed() if one.recipients == [school.gert.email]]
    assert mail.message["Subject"] == "Er staat iets voor u klaar" and "Museum" not in mail.text


def test_reading_it_is_all_there_is(app, gert, give, school, rows):
    number = send_with_slip(app, school, parts=[Part(GROUP, school.group_6)], author=school.yara)
    give(number)
    page = gert.get(page_of(rows)).text
    assert "Mag uw kind mee" not in page and "<form" not in page[page.index("<main") :]
    assert gert.get(f"/letters/{number}").status_code == 404
    assert gert.post(f"/letters/{number}/receipt", data={"state": "read"}).status_code == 404
    assert gert.post(f"/letters/{number}/reply").status_code == 404
    assert gert.post(f"{page_of(rows)}/file").status_code == 404
    assert "Museum" not in gert.get("/letters").text
    assert school.gert.id not in {one.user_id for one in rows(LetterRecipient)}


def test_a_correction_is_read_too(gert, give, rows, letter, change_letter, school):
    give(letter)
    words = replace(WORDS, title="Museum op 11 december", text="Een dag later.")
    change_letter(letter, lambda one: letters.correct(one, words, 1, Viewer(school.yara.id), clock.now()))
    page = gert.get(page_of(rows)).text
    assert "Museum op 11 december" in page and "Een dag later." in page and "gewijzigd" in page
    assert "Museum op 11 december" in gert.get("/").text


def test_a_file_that_parents_do_not_have_yet_is_not_there(app, gert, give, rows, letter):
    give(letter)
    with app.app_context():
        start_writing()
        db.session.execute(update(Attachment).where(Attachment.inline).values(pending=True))
        db.session.execute(update(Attachment).where(~Attachment.inline).values(checked_at=None))
        db.session.commit()
    page = gert.get(page_of(rows)).text
    assert not any(f"/attachments/{key}" in page for key in keys(rows))
    assert {gert.get(f"/attachments/{key}").status_code for key in keys(rows)} == {404}


def test_the_day_until_which_parents_find_it_is_not_of_who_asked(gert, give, rows, letter, change_letter, at):
    give(letter)
    change_letter(letter, lambda one: setattr(one, "visible_until", clock.today()))
    at("2026-11-26 08:00")
    assert gert.get(page_of(rows)).status_code == 200


def test_nobody_else_gets_it(client_for, give, rows, letter, school):
    give(letter)
    for person in (school.carl, school.anna, school.daan, school.yara, school.otto):
        assert client_for(person).get(page_of(rows)).status_code == 404


# --- taking it back ---------------------------------------------------------------------------------------


def test_taken_back_nothing_of_it_is_left_and_it_can_be_given_again(gert, office, give, rows, letter):
    give(letter)
    number = page_of(rows)
    office.post(f"/school{number}/withdrawal", data={"reason": "Verkeerde brief."})
    assert gone(gert, rows, number)
    history = [(one.what, one.reason) for one in rows(ArrangementEntry)]
    assert history[-1] == ("withdrawn", "Museum op 10 december: Verkeerde brief.")
    give(letter)
    assert gert.get(page_of(rows)).status_code == 200 and len(rows(Release)) == 2


def gone(gert, rows, page: str) -> bool:
    addresses = [page, *(f"/attachments/{key}" for key in keys(rows))]
    return {gert.get(one).status_code for one in addresses} == {404} and "Museum" not in gert.get("/").text


def test_a_letter_that_school_takes_back_is_gone_here_too(
    gert, office, give, rows, letter, change_letter, school, mailed
):
    give(letter)
    change_letter(letter, lambda one: letters.withdraw(one, Viewer(school.yara.id), clock.now()))
    assert gone(gert, rows, page_of(rows))
    assert mailed() == []
    screen = office.get(f"/school/pupils/{school.noor.id}/arrangement").text
    assert "de brief zelf is ingetrokken" in screen and "brief voor Gert Smit" in screen


def test_a_letter_that_is_deleted_takes_its_release_along(app, gert, give, rows, letter):
    give(letter)
    page = page_of(rows)
    with app.app_context():
        start_writing()
        db.session.execute(delete(Letter).where(Letter.id == letter))
        db.session.commit()
    assert rows(Release) == [] and len(rows(ArrangementEntry)) == 1
    assert gert.get(page).status_code == 404


def test_who_is_no_guardian_any_more_reads_it_no_more(app, gert, give, rows, letter, school):
    give(letter)
    with app.app_context():
        start_writing()
        place = db.session.query(Guardianship).filter_by(user_id=school.gert.id).one()
        roster_guardians.revoke_guardianship(place, "?", Viewer(school.otto.id, role="office"), clock.now())
        db.session.commit()
    assert gert.get(page_of(rows)).status_code in (302, 303, 404)
    assert {gert.get(f"/attachments/{key}").status_code for key in keys(rows)} <= {302, 303, 404}


def test_giving_it_twice_is_giving_it_once(give, rows, letter):
    assert [give(letter).status_code for _ in range(2)] == [303, 303]
    assert len(rows(Release)) == len(rows(ArrangementEntry)) == 1
    assert [one.kind for one in rows(OutgoingMessage)].count("document_released") == 1


# --- how much it asks -------------------------------------------------------------------------------------


def test_the_pages_take_as_many_queries_for_many_letters_and_files(
    app, gert, office, give, rows, letter, school, count_queries
):
    form = f"/school/pupils/{school.noor.id}/releases/new"
    give(letter)

    def asked() -> list[int]:
        found = []
        for client, address in [(office, form), (gert, "/"), (gert, page_of(rows))]:
            client.get(address)
            with count_queries() as queries:
                client.get(address)
            found.append(len(queries))
        return found

    few = asked()
    for number in range(4):
        attach(app, letter, school.yara, PDF + bytes([number]), f"{number}.pdf")
        more = send(app, school.otto, [Part(SCHOOL)], title=f"Brief {number}")
        if number % 2:
            give(more)
    give(letter)
    assert asked() == few


def test_one_to_a_year_or_list_is_offered_also_when_the_child_is_in_another_since(
    app, office, school, change_letter
):
    with app.app_context():
        start_writing()
        made = {"made_by": school.otto.id, "made_at": clock.now()}
        lists = [LetterList(name=name, **made) for name in ("Koor", "Ouderraad")]
        db.session.add_all(lists)
        db.session.flush()
        choir, council = (one.id for one in lists)
        for child in (school.noor, school.lotte):
            db.session.add(LetterListMember(list_id=choir, pupil_id=child.id))
        for child, person in ((school.noor, school.anna), (school.sem, school.carl)):
            db.session.add(LetterListMember(list_id=council, pupil_id=child.id, user_id=person.id))
        db.session.commit()
    for title, parts in [
        ("Aan jaargroep 6", [Part(YEAR, 6)]),
        ("Aan het koor", [Part(LIST, choir)]),
        ("Aan de ouderraad", [Part(LIST, council)]),
        ("Aan jaargroep 3 en de ouderraad", [Part(YEAR, 3), Part(LIST, council)]),
        ("Aan jaargroep 3 en Anna", [Part(YEAR, 3), Part(GUARDIAN, school.noor.id, school.anna.id)]),
    ]:
        send(app, school.otto, parts, title=title)
    with app.app_context():
        start_writing()
        db.session.execute(update(Pupil).where(Pupil.id == school.noor.id).values(year_group=7))
        db.session.execute(delete(LetterListMember).where(LetterListMember.pupil_id == school.noor.id))
        db.session.commit()
    words = offered(office, school)
    assert "vandaag: Aan jaargroep 6<" in words and "vandaag: Aan het koor<" in words
    assert words.count("<option") == 3
