"""GET /letters: the letters that a guardian has, and what the menu and Today say about them."""

import re
from datetime import date

import pytest

from portal import clock
from portal.access import Viewer
from portal.domain.letter_audience import GROUP, PUPIL, Part
from portal.domain.letters import withdraw
from portal.extensions import db, start_writing
from portal.models.letters import Letter, LetterRecipient
from portal.models.school import SchoolYear
from tests.letters.sending import send


@pytest.fixture
def last_year(app, school):
    with app.app_context():
        start_writing()
        db.session.add(SchoolYear(name="2025-2026", first_day=date(2025, 8, 25), last_day=date(2026, 7, 10)))
        db.session.commit()


@pytest.fixture
def letters(app, school, last_year, at):
    """Four letters, each about something else: of last school year, October, November and today."""
    at("2026-06-30 15:30")
    old = send(app, school.hedy, role="head", title="Fijne vakantie", sender="de directie")
    at("2026-10-06 15:30")
    october = send(app, school.yara, [Part(GROUP, school.group_6)], "teacher", title="Naar het bos")
    at("2026-11-17 15:30")
    earlier = send(app, school.tess, [Part(GROUP, school.group_34)], "teacher", title="Gymles", text="Crème")
    at("2026-11-24 07:55")
    new = send(app, school.hedy, role="head", title="Open dag", sender="de directie")
    return {"old": old, "october": october, "earlier": earlier, "new": new}


def headings(page) -> list[str]:
    found = re.findall(r"<h2[^>]*>(.*?)</h2>|<summary>.*?</svg>(.*?)<svg", page.text)
    return [one or other for one, other in found]


def titles(page) -> list[str]:
    return re.findall(r'<a class="go" href="/letters/\d+">.*?<bdi>(.*?)</bdi>', page.text)


def read(client, number: int) -> None:
    assert client.post(f"/letters/{number}/receipt", data={"state": "read"}).status_code == 303


def test_letters_stand_under_when_they_came(client_for, school, letters):
    page = client_for(school.anna).get("/letters")
    assert titles(page) == ["Open dag", "Gymles", "Naar het bos", "Fijne vakantie"]
    assert headings(page) == ["Deze week", "Eerder in november", "Oktober", "Vorig schooljaar (1)"]


def test_a_line_says_who_wrote_it_and_about_which_child(client_for, school, letters):
    page = " ".join(client_for(school.anna).get("/letters").text.split())
    assert "<bdi>De directie</bdi> · <time" in page
    assert "<bdi>Juf Marieke</bdi>, voor Bram · <time" in page
    assert "<bdi>Juf Marieke</bdi>, voor Noor · <time" in page


def test_one_letter_for_two_children_names_both(app, client_for, school):
    send(app, school.tess, [Part(GROUP, school.group_34), Part(PUPIL, school.noor.id)], "teacher")
    page = client_for(school.anna).get("/letters")
    assert len(titles(page)) == 1
    assert "voor Noor en Bram" in page.text


def test_what_is_new_is_bold_and_said(client_for, school, letters):
    anna = client_for(school.anna)
    assert anna.get("/letters").text.count("Nieuw:") == 4
    read(anna, letters["new"])
    page = anna.get("/letters")
    assert page.text.count("Nieuw:") == page.text.count('class="unread"') == 3
    assert titles(anna.get("/letters?show=unread")) == ["Gymles", "Naar het bos", "Fijne vakantie"]


def test_with_nothing_new_it_says_so(client_for, school, letters):
    anna = client_for(school.anna)
    for number in letters.values():
        read(anna, number)
    assert "U hebt alles gelezen" in anna.get("/letters?show=unread").text


def test_what_is_kept_stands_on_top(client_for, school, letters):
    anna = client_for(school.anna)
    anna.post(f"/letters/{letters['october']}/keeping", data={"state": "kept"})
    page = anna.get("/letters")
    assert headings(page)[0] == "Bewaard"
    assert titles(page)[:2] == ["Naar het bos", "Open dag"]
    assert len(titles(page)) == 4


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("open", ["Open dag"]),
        ("OPEN DAG", ["Open dag"]),
        ("dag open", ["Open dag"]),
        ("creme", ["Gymles"]),
        ("directie", ["Open dag", "Fijne vakantie"]),
        ("regenjas", ["Open dag", "Naar het bos", "Fijne vakantie"]),
        ("open bos", []),
        ("pen", []),
        ("%", None),
        ("<script>", []),
    ],
)
def test_words_find_letters_again(client_for, school, letters, words, found):
    page = client_for(school.anna).get("/letters", query_string={"q": words})
    assert titles(page) == ([] if found is None else found)
    assert found or "Geen brief gevonden" in page.text
    assert "<script>" not in page.text.replace("<script src", "")


def test_nobody_finds_the_words_of_a_letter_that_is_not_theirs(client_for, school, letters):
    assert titles(client_for(school.carl).get("/letters?q=creme")) == []


def test_a_guardian_has_the_own_letters_only(client_for, school, letters):
    assert titles(client_for(school.carl).get("/letters")) == ["Open dag", "Naar het bos", "Fijne vakantie"]
    assert titles(client_for(school.daan).get("/letters")) == ["Open dag", "Gymles", "Fijne vakantie"]
    for person in (school.gert, school.dora, school.tim, school.otto):
        page = client_for(person).get("/letters")
        assert titles(page) == []
        assert "Nog geen brieven" in page.text


def test_a_teacher_has_her_own_childs_letters_as_a_mother(client_for, school, letters):
    assert titles(client_for(school.tess).get("/letters")) == ["Open dag", "Naar het bos", "Fijne vakantie"]


def test_a_letter_that_was_withdrawn_or_is_past_its_day_is_gone_and_not_counted(app, client_for, school, at):
    gone = send(app, school.otto, title="Gone")
    send(app, school.otto, title="Today", visible_until=clock.today())
    anna = client_for(school.anna)
    assert counted(anna, "/absence") == "2"
    with app.app_context():
        start_writing()
        withdraw(db.session.get_one(Letter, gone), Viewer(school.otto.id), clock.now())
        db.session.commit()
    assert titles(anna.get("/letters")) == ["Today"]
    assert counted(anna, "/absence") == "1"
    at("2026-11-25 07:55")
    assert titles(anna.get("/letters")) == titles(anna.get("/letters?q=today")) == []
    assert counted(anna, "/absence") == ""


def test_the_menu_counts_what_is_new(client_for, school, letters):
    anna = client_for(school.anna)
    assert counted(anna, "/absence") == "4"
    read(anna, letters["new"])
    assert counted(anna, "/absence") == counted(anna, "/letters") == "3"
    for number in letters.values():
        read(anna, number)
    assert counted(anna, "/absence") == ""
    assert counted(client_for(school.gert), "/") == ""


def counted(client, address: str) -> str:
    found = re.search(r'href="/letters".*?</li>', client.get(address).text, re.DOTALL)
    number = re.search(r'class="count"><span aria-hidden="true">(.*?)</span>', found[0]) if found else None
    return number[1] if number else ""


def test_many_are_not_counted_one_by_one(app, client_for, school):
    for _ in range(11):
        send(app, school.otto)
    assert counted(client_for(school.anna), "/absence") == "9+"


def test_a_teacher_who_is_a_mother_sees_the_count_only_as_a_mother(client_for, school, letters):
    tess = client_for(school.tess)
    assert counted(tess, "/profile") == ""
    tess.post("/side", data={"side": "parent"})
    assert counted(tess, "/profile") == "3"


def test_today_shows_the_newest_three_that_are_new(app, client_for, school, letters):
    anna = client_for(school.anna)
    assert titles(anna.get("/")) == ["Open dag", "Gymles", "Naar het bos"]
    for number in letters.values():
        read(anna, number)
    assert "Alle brieven" not in anna.get("/").text


def test_pages_take_as_many_queries_for_many_letters(app, client_for, school, count_queries, rows):
    anna = client_for(school.anna)
    send(app, school.otto, title="Een")
    taken = {}
    for path, most in (("/", 8), ("/letters", 3), ("/letters?show=unread", 3), ("/letters?q=een", 4)):
        anna.get(path)
        with count_queries() as few:
            anna.get(path)
        taken[path] = len(few)
        assert len(few) <= most, few
    for _ in range(6):
        send(app, school.tess, [Part(GROUP, school.group_34)], "teacher", title="Een")
    for path, number in taken.items():
        with count_queries() as many:
            anna.get(path)
        assert len(many) == number


def test_looking_changes_nothing(client_for, school, letters, rows):
    anna = client_for(school.anna)
    for path in ("/", "/letters", f"/letters/{letters['new']}"):
        anna.get(path)
    assert all(row.opened_at is None for row in rows(LetterRecipient))
