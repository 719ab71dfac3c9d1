"""POST /letters/<id>/reply: a guardian answers the reply slip, changes the answer and withdraws it."""

import pytest

from portal import clock
from portal.domain.letter_audience import GROUP, PUPIL, Part
from portal.domain.slip_answers import Reply, Value, give_answer
from portal.domain.slips import TEXT, Question
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.letters import LetterRecipient
from portal.models.slips import SlipAnswer, SlipOption
from tests.letters.sending import send
from tests.letters.slips import EVERY_KIND, Asked, answered, send_with_slip, taken


@pytest.fixture
def letter(app, school, at):
    at("2026-11-23 15:30")
    number = send_with_slip(app, school)
    at("2026-11-24 07:58")
    return number


@pytest.fixture
def asked(app, letter):
    return Asked(app, letter)


def post(client, letter: int, fields):
    return client.post(f"/letters/{letter}/reply", data=fields)


def words_on(answer) -> str:
    return " ".join(answer.text.split())


def test_an_answer_is_kept_and_said_on_the_page(client_for, school, letter, asked, rows):
    anna = client_for(school.anna)
    page = words_on(anna.get(f"/letters/{letter}"))
    assert "Antwoord uiterlijk donderdag 26 november. Tot het einde van die dag kunt u het wijzigen." in page
    assert "nog 12 plaatsen" in page
    answer = post(anna, letter, asked.form(school.bram, "Ja", "Ja, ik rijd"))
    assert (answer.status_code, answer.location) == (303, f"/letters/{letter}#slip")
    assert answered(rows) == {(school.anna.id, school.bram.id): ["Ja", "Ja, ik rijd"]}
    assert taken(rows) == {"Ja, ik rijd": 1}
    page = words_on(anna.get(f"/letters/{letter}"))
    assert "Uw antwoord is verstuurd." in page
    assert "U antwoordde vandaag om 7.58 uur" in page
    assert page.count(" checked") == 2


def test_who_answers_has_read_the_letter(client_for, school, letter, asked, rows):
    post(client_for(school.anna), letter, asked.form(school.bram, "Ja", "Nee"))
    receipts = {row.user_id: row.opened_at is not None for row in rows(LetterRecipient)}
    assert receipts == {school.anna.id: True, school.daan.id: False}


def test_a_changed_answer_gives_the_place_back(client_for, school, letter, asked, rows):
    anna = client_for(school.anna)
    post(anna, letter, asked.form(school.bram, "Ja", "Ja, ik rijd"))
    post(anna, letter, asked.form(school.bram, "Ja", "Ja, ik rijd"))
    assert taken(rows) == {"Ja, ik rijd": 1}
    post(anna, letter, asked.form(school.bram, "Nee", "Nee"))
    assert answered(rows) == {(school.anna.id, school.bram.id): ["Nee", "Nee"]}
    assert taken(rows) == {"Ja, ik rijd": 0}
    assert rows(SlipAnswer)[0].changed_at is not None


def test_a_withdrawn_answer_gives_the_place_back(client_for, school, letter, asked, rows):
    anna = client_for(school.anna)
    post(anna, letter, asked.form(school.bram, "Ja", "Ja, ik rijd"))
    answer = post(anna, letter, {"withdraw": f"p{school.bram.id}"})
    assert answer.status_code == 303
    assert rows(SlipAnswer) == [] and taken(rows) == {"Ja, ik rijd": 0}
    assert post(anna, letter, {"withdraw": f"p{school.bram.id}"}).status_code == 303
    assert post(anna, letter, {"withdraw": f"p{school.sem.id}"}).status_code == 404


def test_what_is_missing_is_said_at_the_question_and_nothing_is_lost(client_for, school, letter, asked, rows):
    answer = post(client_for(school.anna), letter, asked.form(school.bram, "", "Ja, ik rijd"))
    assert answer.status_code == 422
    page = words_on(answer)
    assert "<title>Fout: " in page
    assert page.count("Kies een antwoord bij ‘Mag uw kind mee naar het museum?’.") == 2
    assert page.count(" checked") == 1
    assert rows(SlipAnswer) == [] and taken(rows) == {"Ja, ik rijd": 0}
    nothing = post(client_for(school.anna), letter, {})
    assert nothing.status_code == 422


def test_every_kind_of_question(app, client_for, school, rows):
    number = send_with_slip(app, school, EVERY_KIND)
    asked, anna = Asked(app, number), client_for(school.anna)
    good = asked.form(school.bram, "Ja", "Klei", "3", " =SUM(A1) ", "2026-12-24", "Ja", signed="A. Bakker")
    assert post(anna, number, good).status_code == 303
    kept = answered(rows)[school.anna.id, school.bram.id]
    assert [str(one) for one in kept] == ["Ja", "Klei", "3", "=SUM(A1)", "2026-12-24", "Ja"]
    assert rows(SlipAnswer)[0].signed == "A. Bakker"
    page = anna.get(f"/letters/{number}").text
    for value in ("3", "=SUM(A1)", "2026-12-24", "A. Bakker"):
        assert f'value="{value}"' in page


@pytest.mark.parametrize(
    ("place", "typed", "sentence"),
    [
        (2, "drie", "Typ een heel getal, in cijfers."),
        (2, "-1", "Typ een heel getal, in cijfers."),
        (2, "9" * 30, "Typ een heel getal, in cijfers."),
        (2, "²", "Typ een heel getal, in cijfers."),
        (3, "x" * 301, "Gebruik hoogstens 300 tekens."),
        (4, "morgen", "Typ de datum als dag, maand en jaar."),
        (4, "9999-99-99", "Typ de datum als dag, maand en jaar."),
        (1, "999999", "Kies een antwoord bij ‘Welke workshop?’."),
        (1, "x", "Kies een antwoord bij ‘Welke workshop?’."),
    ],
)
def test_what_is_no_answer_is_refused_at_its_field(app, client_for, school, rows, place, typed, sentence):
    number = send_with_slip(app, school, EVERY_KIND)
    asked = Asked(app, number)
    answers = ["Ja", "Klei", "3", "niets", "2026-12-24", "Ja"]
    answers[place] = typed
    answer = post(client_for(school.anna), number, asked.form(school.bram, *answers, signed="Anna"))
    assert answer.status_code == 422
    assert answer.text.count(sentence) == 2
    assert "niets" in answer.text or place == 3
    assert rows(SlipAnswer) == []


def test_consent_is_signed_by_name(app, client_for, school, rows):
    number = send_with_slip(app, school, EVERY_KIND)
    fields = Asked(app, number).form(school.bram, "Ja", "Verf", "", "", "", "Ja")
    for signed in ({}, {"signed": "  "}, {"signed": "A"}, {"signed": "A" * 121}):
        answer = post(client_for(school.anna), number, fields | signed)
        assert answer.status_code == 422
        assert 'id="signed-error"' in answer.text
    assert rows(SlipAnswer) == []


def test_one_form_answers_about_all_children(app, client_for, school, rows):
    number = send_with_slip(app, school, parts=[Part(PUPIL, school.bram.id), Part(PUPIL, school.noor.id)],
                            author=school.otto, role="office")  # fmt: skip
    asked, anna = Asked(app, number), client_for(school.anna)
    both = asked.form(school.bram, "Ja", "Ja, ik rijd") | asked.form(school.noor, "Nee", "Nee")
    assert post(anna, number, both).status_code == 303
    assert answered(rows) == {
        (school.anna.id, school.bram.id): ["Ja", "Ja, ik rijd"],
        (school.anna.id, school.noor.id): ["Nee", "Nee"],
    }
    post(anna, number, {"withdraw": f"p{school.noor.id}"})
    assert list(answered(rows)) == [(school.anna.id, school.bram.id)]


def test_a_child_that_is_left_open_waits(app, client_for, school, rows):
    number = send_with_slip(app, school, parts=[Part(PUPIL, school.bram.id), Part(PUPIL, school.noor.id)],
                            author=school.otto, role="office")  # fmt: skip
    asked, anna = Asked(app, number), client_for(school.anna)
    assert post(anna, number, asked.form(school.bram, "Ja", "Nee")).status_code == 303
    assert list(answered(rows)) == [(school.anna.id, school.bram.id)]
    assert "Nog niet beantwoord: Noor." in anna.get(f"/letters/{number}").text


def test_a_family_answers_once(app, client_for, school, rows):
    number = send_with_slip(app, school, per="family",
                            parts=[Part(PUPIL, school.bram.id), Part(PUPIL, school.noor.id)],
                            author=school.otto, role="office")  # fmt: skip
    asked, anna = Asked(app, number), client_for(school.anna)
    for drives in ("Ja, ik rijd", "Nee"):
        assert post(anna, number, asked.form(None, "Ja", drives)).status_code == 303
    assert answered(rows) == {(school.anna.id, None): ["Ja", "Nee"]}


def test_until_the_end_of_the_last_day(client_for, school, letter, asked, rows, at):
    anna = client_for(school.anna)
    at("2026-11-26 23:58")
    assert post(anna, letter, asked.form(school.bram, "Ja", "Nee")).status_code == 303
    at("2026-11-27 00:01")
    late = post(anna, letter, asked.form(school.bram, "Nee", "Nee"))
    assert late.status_code == 422
    assert post(anna, letter, {"withdraw": f"p{school.bram.id}"}).status_code == 422
    assert answered(rows) == {(school.anna.id, school.bram.id): ["Ja", "Nee"]}
    page = words_on(anna.get(f"/letters/{letter}"))
    assert "U kon antwoorden tot het einde van donderdag 26 november." in page
    assert "<dd><bdi>Ja</bdi></dd>" in page and "/reply" not in page
    other = words_on(client_for(school.daan).get(f"/letters/{letter}"))
    assert "U hebt niet geantwoord." in other


def fill(app, option: str, places: int = 12) -> None:
    from portal.extensions import db, start_writing

    with app.app_context():
        start_writing()
        for one in db.session.query(SlipOption).filter_by(words=option):
            one.places, one.taken = places, places
        db.session.commit()


def test_what_is_full_says_so_kindly_and_keeps_the_rest(app, client_for, school, rows):
    number = send_with_slip(app, school, EVERY_KIND)
    fill(app, "Klei", 1)
    fields = Asked(app, number).form(
        school.bram, "Ja", "Klei", "3", "een noot", "", "Ja", signed="Anna Bakker"
    )
    answer = post(client_for(school.anna), number, fields)
    assert answer.status_code == 422
    page = words_on(answer)
    assert "Iemand was u net voor: ‘Klei’ is vol. Nog vrij: Verf, Hout." in page
    assert 'value="een noot"' in page and 'value="Anna Bakker"' in page and 'value="3"' in page
    assert page.count(" checked") == 2 and page.count(" disabled") == 1
    assert rows(SlipAnswer) == [] and taken(rows) == {"Klei": 1}


def test_who_has_a_place_keeps_it_when_all_are_taken(app, client_for, school, letter, asked, rows):
    anna = client_for(school.anna)
    post(anna, letter, asked.form(school.bram, "Ja", "Ja, ik rijd"))
    fill(app, "Ja, ik rijd", 12)
    assert post(anna, letter, asked.form(school.bram, "Nee", "Ja, ik rijd")).status_code == 303
    assert answered(rows) == {(school.anna.id, school.bram.id): ["Nee", "Ja, ik rijd"]}


def test_two_children_do_not_take_the_one_place_that_is_left(app, client_for, school, rows):
    number = send_with_slip(app, school, parts=[Part(PUPIL, school.bram.id), Part(PUPIL, school.noor.id)],
                            author=school.otto, role="office")  # fmt: skip
    asked, anna = Asked(app, number), client_for(school.anna)
    with app.app_context():
        from portal.extensions import db, start_writing

        start_writing()
        db.session.query(SlipOption).filter_by(words="Ja, ik rijd").one().taken = 11
        db.session.commit()
    both = asked.form(school.bram, "Ja", "Ja, ik rijd") | asked.form(school.noor, "Ja", "Ja, ik rijd")
    answer = post(anna, number, both)
    assert answer.status_code == 422 and "heeft nog 1 plaats" in answer.text
    assert rows(SlipAnswer) == [] and taken(rows) == {"Ja, ik rijd": 11}


def test_who_did_not_receive_it_cannot(client_for, school, letter, asked, rows):
    fields = asked.form(school.bram, "Ja", "Nee")
    for person in (school.carl, school.gert, school.dora, school.tess, school.otto):
        assert post(client_for(person), letter, fields).status_code == 404
    assert rows(SlipAnswer) == []


def test_a_letter_that_asks_nothing_takes_no_answer(app, client_for, school):
    assert post(client_for(school.anna), send(app, school.otto), {}).status_code == 404


def test_about_another_child_nothing_is_kept(client_for, school, letter, asked, rows):
    fields = asked.form(school.sem, "Ja", "Nee") | asked.form(school.bram, "Ja", "Nee")
    assert post(client_for(school.anna), letter, fields).status_code == 303
    assert list(answered(rows)) == [(school.anna.id, school.bram.id)]


def test_a_slip_that_school_changed_meanwhile_is_looked_at_once_more(client_for, school, letter, asked, rows):
    fields = asked.form(school.bram, "Ja", "Nee") | {"questions": "7 8"}
    answer = post(client_for(school.anna), letter, fields)
    assert answer.status_code == 422
    assert "School heeft de vragen intussen veranderd." in answer.text
    assert rows(SlipAnswer) == []


def test_questions_that_changed_meanwhile_are_asked_once_more(app, client_for, school, letter, asked, rows):
    """What school changed between the reading of the form and its turn, as a request beside it would."""
    with app.app_context():
        start_writing()
        gone = Reply({school.bram.id: {10**6: Value(text="Ja")}}, "")
        with pytest.raises(Refused, match="vragen net veranderd"):
            give_answer(letter, school.anna.id, gone, clock.now())
        db.session.rollback()
    assert not rows(SlipAnswer)


def test_an_answer_about_one_child_that_is_emptied_is_asked_for(app, client_for, school, rows):
    questions = [Question(TEXT, "Wat moeten wij weten?")]
    parts = [Part(GROUP, school.group_34), Part(GROUP, school.group_6)]
    number = send_with_slip(app, school, questions, parts=parts, author=school.otto, role="office")
    asked, anna = Asked(app, number), client_for(school.anna)
    both = asked.form(school.bram, "Pinda's") | asked.form(school.noor, "Niets")
    assert anna.post(f"/letters/{number}/reply", data=both).status_code == 303
    page = anna.post(f"/letters/{number}/reply", data=asked.form(school.noor, "Niets"))
    assert page.status_code == 422 and "Vul een antwoord in" in page.text
    assert answered(rows)[school.anna.id, school.bram.id] == ["Pinda's"]


def test_also_where_nothing_is_required(app, client_for, school, rows):
    questions = [Question(TEXT, "Wat moeten wij weten?", required=False)]
    parts = [Part(GROUP, school.group_34), Part(GROUP, school.group_6)]
    number = send_with_slip(app, school, questions, parts=parts, author=school.otto, role="office")
    asked, anna = Asked(app, number), client_for(school.anna)
    both = asked.form(school.bram, "Pinda's") | asked.form(school.noor, "Niets")
    anna.post(f"/letters/{number}/reply", data=both)
    page = anna.post(f"/letters/{number}/reply", data=asked.form(school.noor, "Niets"))
    assert page.status_code == 422
    assert "Vul een antwoord in over Bram, of trek het in." in page.text
    assert answered(rows)[school.anna.id, school.bram.id] == ["Pinda's"]
