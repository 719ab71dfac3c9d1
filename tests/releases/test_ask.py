"""A guardian without authority asks school, and reads what school says (R21)."""

from html import unescape

import pytest

from portal.models.arrangements import ArrangementEntry, InformationRequest
from portal.models.outbox import OutgoingMessage


def answer(office, request_id, **data):
    form = {"decision": "answer", "answer": "Goed.", **data}
    return office.post(f"/school/information/{request_id}", data=form)


def test_today_is_a_calm_page_with_the_one_thing_to_do(gert, school):
    page = unescape(gert.get("/").text)
    assert "School informeert u over Noor als u daarom vraagt." in page
    assert page.count("Vraag school om informatie") == 1
    assert "Ziek melden" not in page and "Afwezigheid" not in page
    empty = gert.get(f"/pupils/{school.noor.id}/information").text
    assert "Hier staat nog niets" in empty


def test_a_question_goes_to_school_and_stands_there(gert, office, ask, school, rows):
    sent = ask("Hoe gaat het met rekenen?\n\nEn met vriendjes?")
    assert (sent.status_code, sent.location) == (303, f"/pupils/{school.noor.id}/information")
    [request] = rows(InformationRequest)
    assert (request.question, request.place) == ("Hoe gaat het met rekenen?\n\nEn met vriendjes?", 1)
    for page in (gert.get("/").text, gert.get(sent.location).text):
        assert "En met vriendjes?" in page and "wacht op school" in page
    assert "1 vraag van een ouder wacht op antwoord." in office.get("/school/pupils").text
    listed = office.get("/school/information").text
    assert "Noor Smit" in listed and "Gert Smit" in listed and "1 open vraag" in listed


@pytest.mark.parametrize(
    ("question", "sentence"),
    [("", "Schrijf op wat u wilt weten."), (" \u200b", "Schrijf op wat u"), ("x" * 1001, "hoogstens 1000")],
)
def test_it_says_what_is_wrong_and_keeps_what_was_typed(ask, rows, question, sentence):
    sent = ask(question)
    assert sent.status_code == 422
    assert sentence in sent.text and question.strip(" \u200b") in sent.text
    assert rows(InformationRequest) == []


def test_three_can_be_open_and_a_fourth_after_an_answer(gert, office, ask, school, rows):
    for number in range(3):
        assert ask(f"Vraag {number}").status_code == 303
    refused = ask("Vraag 3")
    assert refused.status_code == 422 and "Drie van uw vragen wachten op antwoord" in refused.text
    assert "Vraag 3" in refused.text
    assert "Vraag school om informatie" not in gert.get("/").text
    answer(office, rows(InformationRequest)[1].id)
    assert ask("Vraag 4").status_code == 303
    assert [one.place for one in rows(InformationRequest)] == [1, 2, 3, 2]


def test_an_answer_is_read_and_a_refusal_with_its_reason(gert, office, ask, rows):
    ask("Een?")
    ask("Twee?")
    one, two = rows(InformationRequest)
    assert answer(office, one.id, answer="Zij rekent\nuitstekend.").status_code == 303
    assert answer(office, two.id, decision="refuse", answer="Dit gaat over de moeder.").status_code == 303
    page = gert.get("/").text
    assert "School antwoordt:" in page and "uitstekend." in page
    assert "School weigert dit:" in page and "Dit gaat over de moeder." in page
    assert "Otto" not in page
    entries = [(entry.what, entry.reason) for entry in rows(ArrangementEntry)]
    assert entries == [("answered", ""), ("refused", "Dit gaat over de moeder.")]
    assert "beantwoord" in office.get("/school/information").text
    assert "uitstekend." in office.get(f"/school/information/{one.id}").text


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"decision": "", "answer": "Goed."}, "Kies antwoorden of weigeren."),
        ({"decision": "refuse", "answer": " "}, "een weigering moet een reden hebben"),
        ({"decision": "answer", "answer": ""}, "Schrijf een antwoord of voeg een PDF toe."),
        ({"answer": "x" * 10_001}, "hoogstens 10000"),
    ],
)
def test_no_answer_without_words_and_no_refusal_without_a_reason(office, ask, rows, data, sentence):
    ask()
    sent = answer(office, rows(InformationRequest)[0].id, **data)
    assert sent.status_code == 422 and sentence in unescape(sent.text)
    assert rows(InformationRequest)[0].answered_at is None


def test_who_answers_second_hears_that_a_colleague_was_first(client_for, school, office, ask, rows):
    ask()
    number = rows(InformationRequest)[0].id
    answer(office, number, answer="Eerste.")
    second = answer(client_for(school.hedy), number, answer="Tweede.")
    assert second.status_code == 422 and "Een collega heeft dit zojuist gewijzigd" in second.text
    assert rows(InformationRequest)[0].answer == "Eerste."


def test_the_other_guardian_learns_nothing_of_it(client_for, school, office, ask, rows):
    ask("Geheim woord")
    answer(office, rows(InformationRequest)[0].id, answer="Geheim antwoord")
    anna = client_for(school.anna)
    for path in ("/", "/absence", f"/pupils/{school.noor.id}/absences"):
        assert "Geheim" not in anna.get(path).text
    assert anna.get(f"/pupils/{school.noor.id}/information").status_code == 404
    assert anna.post(f"/pupils/{school.noor.id}/information/requests/new").status_code == 404


def test_the_office_pages_take_as_many_queries_for_many_questions(
    office, gert, ask, app, rows, count_queries
):
    ask()
    with count_queries() as few:
        office.get("/school/information")
    with count_queries() as few_today:
        gert.get("/")
    for number in range(12):
        answer(office, rows(InformationRequest)[-1].id)
        ask(f"Vraag {number}")
    with count_queries() as many:
        page = office.get("/school/information").text
    with count_queries() as many_today:
        gert.get("/")
    assert page.index("wacht" if "wacht" in page else "open") < page.index("beantwoord")
    assert len(few) == len(many) <= 6
    assert len(few_today) == len(many_today) <= 8


def test_what_was_asked_and_given_before_stays_there_for_who_has_authority_now(
    client_for, school, office, ask, release, rows, place
):
    ask("Hoe gaat het?")
    answer(office, rows(InformationRequest)[0].id, answer="Uitstekend.")
    release()
    gert, path = client_for(school.gert), f"/pupils/{school.noor.id}/information"
    office.post(
        f"/school/guardianships/{place(school.gert, school.noor).id}/authority",
        data={"authority": "yes", "reason": "Uitspraak."},
    )
    assert path in gert.get("/").text and "Informatie over Noor" in gert.get("/").text
    page = gert.get(path).text
    assert "Uitstekend." in page and "Rapport" in page and "Vraag school om informatie" not in page
    assert gert.post(f"{path}/requests/new", data={"question": "En nu?"}).status_code == 404


def test_who_never_asked_has_no_such_page(client_for, school):
    anna = client_for(school.anna)
    assert "/information" not in anna.get("/").text
    assert anna.get(f"/pupils/{school.noor.id}/information").status_code == 404


def test_an_open_question_closes_when_the_access_ends(school, office, ask, rows, place):
    """Nobody would read the answer, and it would wait for ever."""
    ask("Een?")
    ask("Twee?")
    office.post(
        f"/school/guardianships/{place(school.gert, school.noor).id}/revocation",
        data={"reason": "Op verzoek."},
    )
    assert {(one.answered_by, one.refused, one.answered_at is None) for one in rows(InformationRequest)} == {
        (school.otto.id, True, False)
    }
    assert [one.what for one in rows(ArrangementEntry)] == ["ended", "refused", "refused"]
    assert rows(OutgoingMessage) == []
    assert "0 open vragen" in office.get("/school/information").text
    late = answer(office, rows(InformationRequest)[0].id)
    assert late.status_code == 422


def test_an_open_question_closes_for_who_may_have_no_contact(school, office, ask, rows):
    ask("Een?")
    path = f"/school/pupils/{school.noor.id}/barrings/new"
    office.post(path, data={"who": school.gert.id, "reason": "Contactverbod."})
    assert [one.refused for one in rows(InformationRequest)] == [True]


def test_a_question_stays_open_for_who_gets_authority(school, office, ask, rows, place):
    ask("Een?")
    path = f"/school/guardianships/{place(school.gert, school.noor).id}/authority"
    office.post(path, data={"authority": "yes", "reason": "Uitspraak."})
    assert [one.answered_at for one in rows(InformationRequest)] == [None]
