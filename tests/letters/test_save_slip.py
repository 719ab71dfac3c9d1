"""GET and POST /staff/letters/<id>/slip: the author puts a reply slip with a letter and changes it."""

import re
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import clock
from portal.domain.letter_audience import GROUP, PUPIL, Part
from portal.domain.slips import slip_of
from portal.extensions import db, start_writing
from portal.models.letters import Letter
from portal.models.roster import Guardianship, Membership
from portal.models.slips import ReplySlip, SlipOption, SlipQuestion
from tests.letters.sending import both_groups, send, set_out
from tests.letters.slips import DRIVES, Asked, send_with_slip

QUESTION = {
    "q0-kind": "choice", "q0-words": "Welke workshop?", "q0-required": "y",
    "q0-o0-words": "Klei", "q0-o0-places": "12", "q0-o1-words": "Verf",
}  # fmt: skip
GOOD = {"deadline": "2026-12-03", "per": "child", "answered_by": "one", **QUESTION}


@pytest.fixture
def draft(client_for, school, rows):
    client_for(school.tess).post(
        "/staff/letters/new",
        data={"title": "Museum", "text": "Beste ouders", "sender": "juf Tess", "do": "slip",
              "part": f"group:{school.group_34}", "mail_shows": "hint", "when": "now"},
    )  # fmt: skip
    return rows(Letter)[-1].id


def save(client, letter: int, do: str = "save", **fields: str):
    return client.post(f"/staff/letters/{letter}/slip", data={**GOOD, **fields, "do": do})


def opened(page: str) -> str:
    return re.search(r'name="opened" value="(\w*)"', page)[1]


def test_from_the_letter_to_its_slip_and_back(client_for, school, rows):
    tess = client_for(school.tess)
    answer = tess.post(
        "/staff/letters/new",
        data={"title": "Museum", "text": "Hoi", "sender": "juf Tess", "do": "slip", "when": "now",
              "mail_shows": "hint", "part": f"group:{school.group_34}"},
    )  # fmt: skip
    letter = rows(Letter)[-1].id
    assert (answer.status_code, answer.location) == (303, f"/staff/letters/{letter}/slip")
    page = tess.get(answer.location).text
    assert 'value="2026-12-01"' in page and "Wat wilt u vragen?" in page
    answer = save(tess, letter)
    assert (answer.status_code, answer.location) == (303, f"/staff/letters/{letter}")
    page = " ".join(tess.get(answer.location).text.split())
    assert "1 vraag, antwoord uiterlijk do 3 dec" in page and "Antwoord uiterlijk do 3 dec" in page
    assert [(one.words, one.places) for one in rows(SlipOption)] == [("Klei", 12), ("Verf", None)]


def test_every_button_changes_the_rows_and_keeps_what_was_typed(client_for, school, draft, rows):
    tess = client_for(school.tess)
    page = save(tess, draft, "add:yes_no")
    assert page.status_code == 200 and 'name="q1-kind" value="yes_no"' in page.text
    assert 'name="q1-o0-words" type="text" value="Ja"' in page.text and 'value="Klei"' in page.text
    assert page.text.count(" autofocus") == 1
    assert 'name="q0-o2-words"' in save(tess, draft, "option:0").text
    three = {"q0-o2-words": "Hout", "q0-o2-places": "3"}
    assert "Verf" not in save(tess, draft, "drop:0.1", **three).text
    two = {"q1-kind": "number", "q1-words": "Hoeveel broers?"}
    for do in ("up:1", "down:0"):
        page = save(tess, draft, do, **two).text
        assert page.index("Hoeveel broers?") < page.index("Welke workshop?")
    assert "Welke workshop?" not in save(tess, draft, "remove:0", **two).text
    for do in ("up:9", "drop:0.9", "drop:x", "remove:x", "option:²", "add:nonsense", "up:0"):
        assert save(tess, draft, do).status_code == 200
    assert rows(ReplySlip) == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"deadline": ""}, "Typ de datum als dag, maand en jaar."),
        ({"deadline": "2026-11-23"}, "Deze dag is voorbij. Kies een latere."),
        ({"q0-words": " "}, "Schrijf de vraag, of haal hem weg."),
        ({"q0-words": "x" * 201}, "Gebruik hoogstens 200 tekens."),
        ({"q0-o1-words": ""}, "Geef minstens twee antwoorden om uit te kiezen."),
        ({"q0-o1-words": "Klei"}, "Dit antwoord staat er twee keer."),
        ({"q0-o0-words": "", "q0-o2-words": "Hout"}, "Schrijf het antwoord."),
        ({"q0-o0-places": "0"}, "Typ een aantal plaatsen, of laat het leeg."),
        ({"q0-o0-places": "veel"}, "Typ een aantal plaatsen, of laat het leeg."),
        ({"q0-o0-places": "99999999999"}, "Typ een aantal plaatsen, of laat het leeg."),
        ({"q0-o0-words": "x" * 81}, "Gebruik hoogstens 80 tekens."),
        ({"q0-kind": ""}, "Voeg eerst een vraag toe."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(client_for, school, draft, rows, fields, sentence):
    answer = save(client_for(school.tess), draft, **fields)
    assert answer.status_code == 422 and sentence in answer.text
    assert "<title>Fout: " in answer.text
    assert rows(ReplySlip) == []


def test_it_is_changed_and_taken_away(client_for, school, draft, rows):
    tess = client_for(school.tess)
    save(tess, draft)
    page = tess.get(f"/staff/letters/{draft}/slip").text
    answer = save(tess, draft, opened=opened(page), per="family", answered_by="both", deadline="4-12-2026")
    assert answer.status_code == 303
    kept = rows(ReplySlip)[0]
    assert (kept.per, kept.answered_by, kept.deadline) == ("family", "both", date(2026, 12, 4))
    assert len(rows(SlipQuestion)) == 1
    page = tess.get(f"/staff/letters/{draft}/slip").text
    assert save(tess, draft, "discard", opened=opened(page)).status_code == 303
    assert rows(ReplySlip) == rows(SlipQuestion) == rows(SlipOption) == []


def test_two_pages_notice_each_other(client_for, school, draft, rows):
    tess = client_for(school.tess)
    save(tess, draft)
    late = save(tess, draft, **{"q0-words": "Iets anders?"})
    assert late.status_code == 409
    assert "op een andere pagina veranderd" in late.text and "Iets anders?" in late.text
    assert rows(SlipQuestion)[0].words == "Welke workshop?"
    assert save(tess, draft, opened=opened(late.text), **{"q0-words": "Iets anders?"}).status_code == 303


def test_only_its_author(client_for, school, draft):
    for person, status in ((school.tim, 404), (school.otto, 404), (school.anna, 404)):
        assert client_for(person).get(f"/staff/letters/{draft}/slip").status_code == status
        assert save(client_for(person), draft).status_code == status


def test_a_letter_on_its_way_keeps_its_slip(app, client_for, school, rows):
    number = set_out(app, school.tess, [Part(GROUP, school.group_34)], "teacher")
    assert client_for(school.tess).get(f"/staff/letters/{number}/slip").status_code == 404
    assert save(client_for(school.tess), number).status_code == 404


def test_once_somebody_answered_only_the_last_day_and_the_places_move(app, client_for, school, rows, at):
    at("2026-11-23 15:30")
    number = send_with_slip(app, school, parts=both_groups(app, school))
    otto, path = client_for(school.otto), f"/staff/letters/{number}/slip"
    client_for(school.anna).post(
        f"/letters/{number}/reply", data=Asked(app, number).form(school.bram, "Ja", "Ja, ik rijd")
    )
    page = otto.get(path).text
    assert "Er is al geantwoord, dus de vragen blijven." in page and "add:choice" not in page
    fields = {
        **dict(re.findall(r'type="hidden" name="(q[\w-]+|per|answered_by|opened)" value="([^"]*)"', page)),
        "deadline": "2026-12-03",
        "q1-o0-places": "14",
        "do": "save",
    }
    assert otto.post(path, data=fields).status_code == 303
    with app.app_context():
        slip = slip_of(number)
    assert (slip.deadline, [one.places for one in slip.options.values()]) == (
        date(2026, 12, 3), [None, None, 14, None],
    )  # fmt: skip
    again = {**fields, "opened": opened(otto.get(path).text)}
    other = otto.post(path, data={**again, "q0-words": "Iets anders?"})
    assert other.status_code == 422 and "De vragen blijven zoals ze zijn." in other.text
    assert otto.post(path, data={**again, "do": "discard"}).status_code == 422
    assert len(rows(SlipQuestion)) == 2


def test_fewer_places_than_are_taken_cannot_be(app, client_for, school, rows, at):
    at("2026-11-23 15:30")
    number = send_with_slip(app, school, parts=both_groups(app, school))
    asked, path = Asked(app, number), f"/staff/letters/{number}/slip"
    for person in (school.anna, school.daan):
        fields = asked.form(school.bram, "Ja", "Ja, ik rijd")
        client_for(person).post(f"/letters/{number}/reply", data=fields)
    otto = client_for(school.otto)
    page = otto.get(path).text
    fields = dict(re.findall(r'type="hidden" name="(q[\w-]+|per|answered_by|opened)" value="([^"]*)"', page))
    answer = otto.post(path, data={**fields, "deadline": "2026-11-26", "q1-o0-places": "1", "do": "save"})
    assert answer.status_code == 422 and "Meer mensen kozen ‘Ja, ik rijd’ al." in answer.text


def test_a_letter_does_not_go_when_its_slip_is_over_before(client_for, school, draft, at):
    tess = client_for(school.tess)
    save(tess, draft)
    at("2026-12-04 10:00")
    words = {"title": "Museum", "text": "Beste ouders", "sender": "juf Tess", "mail_shows": "hint",
             "part": f"group:{school.group_34}", "when": "now", "revision": "1"}  # fmt: skip
    answer = tess.post(f"/staff/letters/{draft}", data={**words, "do": "send"})
    assert answer.status_code == 422 and "vraagt antwoord voordat hij weggaat" in answer.text


def test_the_look_shows_the_slip_as_parents_see_it(client_for, school, draft, rows):
    tess = client_for(school.tess)
    save(tess, draft)
    page = tess.post("/staff/letters/look", data={"title": "M", "text": "x", "letter": str(draft)}).text
    assert "Welke workshop?" in page and "nog 12 plaatsen" in page
    assert 'action="/letters' not in page and 'type="submit" disabled' in page


NAMES = st.sampled_from(
    ["do", "opened", "deadline", "per", "answered_by"]
    + [f"q{q}-{part}" for q in range(3) for part in ("kind", "words", "required", "o0-words", "o1-places")]
)
TYPED = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["save", "add:choice", "up:1", "drop:0.0", "choice", "yes_no", "text", "2026-12-03"]),
)


@settings(
    max_examples=40, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(fields=st.dictionaries(NAMES, TYPED, max_size=10))
def test_whatever_is_sent_it_is_kept_or_shown_again(client_for, school, draft, fields):
    answer = client_for(school.tess).post(f"/staff/letters/{draft}/slip", data=fields)
    assert answer.status_code in (200, 303, 409, 422)


class TestBesideTheOwnChild:
    """Who writes to the other guardian of the own child learns from the slip nothing of that one (R22)."""

    @pytest.fixture
    def letter(self, app, school):
        """Tess's letter, which Anna, with whom she has Lotte, receives too; one may drive."""
        with app.app_context():
            start_writing()
            db.session.add(
                Guardianship(pupil_id=school.lotte.id, user_id=school.anna.id, seat=2, created_at=clock.now())
            )
            db.session.commit()
        return send_with_slip(app, school, [DRIVES], parts=both_groups(app, school))

    def answers(self, app, client, letter, school):
        form = Asked(app, letter).form(school.bram, "Ja, ik rijd")
        assert client.post(f"/letters/{letter}/reply", data=form).status_code == 303

    def pages(self, client, letter):
        texts = (client.get(f"/staff/letters/{letter}{page}").text for page in ("/slip", "/answers", ""))
        return [self.without_token(text) for text in texts]

    def without_token(self, page):
        return re.sub(r'name="(csrf_token|key)" value="[^"]+"', "", page)

    def test_no_page_says_that_somebody_answered(self, app, client_for, school, letter):
        tess = client_for(school.tess)
        before = self.pages(tess, letter)
        assert "De brief is verstuurd, dus de vragen blijven." in before[0]
        self.answers(app, client_for(school.anna), letter, school)
        assert self.pages(tess, letter) == before
        assert "0 van 12" in before[1]

    def test_no_page_says_how_many_places_are_left(self, app, client_for, school, letter):
        """Of all others the one who handles the letter sees who took a place."""
        paths = (f"/staff/letters/{letter}/answers/{school.daan.id}", f"/letters/{letter}")
        tess = client_for(school.tess)
        before = [self.without_token(tess.get(path).text) for path in paths]
        assert all("Ja, ik rijd" in page and "plaatsen" not in page for page in before)
        self.answers(app, client_for(school.anna), letter, school)
        assert [self.without_token(tess.get(path).text) for path in paths] == before
        assert "nog 11 plaatsen" in client_for(school.otto).get(paths[0]).text

    @pytest.mark.parametrize("answered", [True, False])
    def test_the_slip_can_be_changed_as_little_before_as_after(
        self, app, client_for, school, letter, rows, answered
    ):
        if answered:
            self.answers(app, client_for(school.anna), letter, school)
        tess, path = client_for(school.tess), f"/staff/letters/{letter}/slip"
        page = tess.get(path).text
        fields = {
            **dict(
                re.findall(r'type="hidden" name="(q[\w-]+|per|answered_by|opened)" value="([^"]*)"', page)
            ),
            "deadline": "2026-12-03",
            "q0-required": "y",
        }
        refused = {"q0-words": "Iets anders?", "q0-o0-places": "12"}
        for more, sentence in (
            (refused, "De brief is verstuurd. De vragen blijven zoals ze zijn."),
            ({"q0-o0-places": "0", "do": "discard"}, "De brief is verstuurd. De antwoordstrook blijft."),
            ({"q0-o0-places": "11"}, "De brief is verstuurd. U kunt alleen plaatsen toevoegen."),
            ({"q0-o0-places": "12", "q0-o1-places": "9"}, "U kunt alleen plaatsen toevoegen."),
        ):
            answer = tess.post(path, data=fields | {"do": "save"} | more)
            assert (answer.status_code, sentence in answer.text) == (422, True), sentence
        assert tess.post(path, data=fields | {"do": "save", "q0-o0-places": "13"}).status_code == 303
        assert {one.words: one.places for one in rows(SlipOption)} == {"Ja, ik rijd": 13, "Nee": None}

    def test_it_is_the_same_whoever_else_has_the_letter(self, app, client_for, school, letter):
        other = send_with_slip(app, school, [DRIVES], parts=[Part(GROUP, school.group_34)])
        assert (
            "De brief is verstuurd, dus de vragen blijven." in self.pages(client_for(school.tess), other)[0]
        )

    def test_a_slip_can_still_be_put_with_a_letter_that_went_without(self, app, client_for, school, letter):
        parts = [Part(GROUP, school.group_34), Part(GROUP, school.group_6)]
        number = send(app, school.tess, parts, "teacher")
        page = client_for(school.tess).get(f"/staff/letters/{number}/slip").text
        assert "De brief is verstuurd" not in page
        assert save(client_for(school.tess), number).status_code == 303


class TestOneFamily:
    """Where two have a letter about one child, a full answer tells the one what the other one chose."""

    SAID = "Deze brief is voor één kind of één gezin. Laat het aantal plaatsen leeg"

    def send(self, client, draft, part):
        words = {"title": "Museum", "text": "Beste ouders", "sender": "juf Tess", "mail_shows": "hint",
                 "part": part, "when": "now", "revision": "1"}  # fmt: skip
        return client.post(f"/staff/letters/{draft}", data={**words, "do": "send"})

    @pytest.mark.parametrize("places", ["1", ""])
    def test_a_letter_about_one_child_goes_without_places(self, client_for, school, draft, rows, places):
        tess = client_for(school.tess)
        save(tess, draft, **{"q0-o0-places": places})
        answer = self.send(tess, draft, f"pupil:{school.bram.id}")
        assert (answer.status_code, self.SAID in answer.text) == ((422, True) if places else (303, False))
        assert (rows(Letter)[-1].send_at is None) == bool(places)

    def test_a_letter_to_more_families_has_places(self, app, client_for, school, draft, rows):
        with app.app_context():
            start_writing()
            first_day = clock.today()
            db.session.add(
                Membership(pupil_id=school.sem.id, group_id=school.group_34, home=False, started_on=first_day)
            )
            db.session.commit()
        tess = client_for(school.tess)
        save(tess, draft)
        assert self.send(tess, draft, f"group:{school.group_34}").status_code == 303

    def test_brothers_and_sisters_are_one_family(self, app, client_for, school, draft, rows):
        with app.app_context():
            start_writing()
            noor = Membership(
                pupil_id=school.noor.id, group_id=school.group_34, home=False, started_on=clock.today()
            )
            db.session.add(noor)
            db.session.commit()
        tess = client_for(school.tess)
        save(tess, draft)
        assert self.SAID in self.send(tess, draft, f"group:{school.group_34}").text

    def test_they_are_not_put_with_it_afterwards(self, app, client_for, school, rows):
        number = send(app, school.tess, [Part(PUPIL, school.bram.id)], "teacher")
        tess = client_for(school.tess)
        answer = save(tess, number)
        assert answer.status_code == 422 and self.SAID in answer.text
        assert rows(ReplySlip) == []
        assert save(tess, number, **{"q0-o0-places": ""}).status_code == 303
