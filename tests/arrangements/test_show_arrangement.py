"""One screen for the office: which arrangement holds for a pupil, in words, and why."""

import re
from html import unescape

import pytest

from portal import clock
from portal.domain.arrangement_history import note
from portal.extensions import db, start_writing
from portal.models.arrangements import Barring
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Guardianship, Membership


def page_of(client, pupil, query="") -> str:
    answer = client.get(f"/school/pupils/{pupil.id}/arrangement{query}")
    assert answer.status_code == 200
    return unescape(answer.text)


def test_the_pupils_page_leads_to_it(office, school):
    assert (
        f"/school/pupils/{school.bram.id}/arrangement" in office.get(f"/school/pupils/{school.bram.id}").text
    )


def test_it_says_who_hides_by_themselves(office, school):
    page = page_of(office, school.bram)
    assert page.count("Verbergt zich voor de andere ouder sinds 24 november 2026, uit zichzelf.") == 2
    assert page.count("Heeft gezag: beslist over het kind.") == 2


class TestTalks:
    """The page says what happens to talks and conversations, not only what school once chose."""

    def hide(self, app, **hidden_by):
        with app.app_context():
            start_writing()
            for place in db.session.scalars(db.select(Guardianship)):
                place.hidden_at = clock.now() if place.user_id in hidden_by.values() else None
            db.session.commit()

    def pages(self, office, pupil):
        paths = ("/arrangement", "/arrangement/apart", "")
        return [
            " ".join(unescape(office.get(f"/school/pupils/{pupil.id}{path}").text).split()) for path in paths
        ]

    def test_where_one_hides_they_are_apart_and_the_page_says_why(self, office, school, app):
        self.hide(app, who=school.anna.id)
        page, form, pupil = self.pages(office, school.bram)
        because = "De gesprekken zijn apart, want Anna Bakker is verborgen voor de andere ouder."
        assert page.count(because) == 2 and "School gaat samen om" not in page
        assert re.findall(r'data-label="[^"]+:">(eigen|samen)<', page) == ["eigen"] * 4
        assert "blijven ze apart, wat u hier ook kiest" in form and "Anna Bakker" in form
        assert "<p>Apart · Anna Bakker verbergt zich</p>" in pupil

    def test_where_both_hide_it_names_both(self, office, school):
        page, form, _ = self.pages(office, school.bram)
        assert "want Anna Bakker en Daan Visser zijn verborgen voor elkaar." in page
        assert "Anna Bakker en Daan Visser zijn verborgen voor elkaar. Zolang" in form

    def test_where_nobody_hides_they_are_together_and_conversations_are_not(self, office, school, app):
        self.hide(app)
        page, form, pupil = self.pages(office, school.bram)
        assert "School gaat samen om met de ouders." in page and "Samen: één gesprek voor de ouders." in page
        assert re.findall(r'data-label="[^"]+:">(eigen|samen)<', page) == ["samen"] * 2 + ["eigen"] * 2
        for text in (page, form):
            assert "Berichten in het portaal zijn altijd van één ouder alleen." in text
            assert "berichtenwisseling" not in text
        assert "wat u hier ook kiest" not in form and "<p>Samen</p>" in pupil

    def test_where_school_chose_apart_the_form_says_nothing_of_hiding(self, office, school):
        office.post(
            f"/school/pupils/{school.bram.id}/arrangement/apart",
            data={"apart": "yes", "reason": "Op verzoek."},
        )
        page, form, _ = self.pages(office, school.bram)
        assert "School gaat apart om met de ouders, sinds" in page
        assert "Apart: iedere ouder heeft een eigen gesprek." in page
        assert "wat u hier ook kiest" not in form


def test_it_says_who_has_information_on_request(office, school):
    page = page_of(office, school.noor)
    assert "Geen gezag: alleen informatie op verzoek." in page
    assert "alleen wat school vrijgeeft" in page
    assert "Iets vrijgeven" in page


def test_one_who_hides_for_another_child_hides_here_too(office, school, app):
    """Hiding is between persons: Anna hides from Daan for Bram, so also where they share another child."""
    with app.app_context():
        start_writing()
        gert = db.session.scalars(
            db.select(Guardianship).filter_by(user_id=school.gert.id, pupil_id=school.noor.id)
        ).one()
        gert.user_id, gert.has_authority = school.daan.id, True
        db.session.commit()
    page = page_of(office, school.noor)
    assert "vanwege een ander kind dat zij samen hebben" in page
    assert "wat de ander aan de groep laat zien" not in page


def test_it_says_of_the_other_guardian_what_the_class_list_shows(office, school, app):
    """Gert decides for no child of his and Anna's, but for another one in the group."""
    shown = "wat de ander aan de groep laat zien"
    page = page_of(office, school.noor)
    assert "niets: krijgt alleen informatie op verzoek" in page and shown not in page
    with app.app_context():
        start_writing()
        inge = db.session.scalars(db.select(Guardianship).filter_by(user_id=school.inge.id)).one()
        inge.user_id = school.gert.id
        db.session.commit()
    assert page_of(office, school.noor).count(shown) == 2


def test_who_have_no_group_in_common_see_nothing_of_each_other(office, school, app):
    with app.app_context():
        start_writing()
        db.session.execute(db.delete(Membership).filter_by(pupil_id=school.sem.id))
        db.session.commit()
    assert page_of(office, school.sem).count("niets: zij hebben nu geen groep samen") == 2


def test_it_keeps_the_history_with_reasons_and_who_gave_them(office, school):
    for apart, reason in (("yes", "Zij willen niet samen."), ("no", "Het gaat weer.")):
        office.post(
            f"/school/pupils/{school.sem.id}/arrangement/apart", data={"apart": apart, "reason": reason}
        )
    page = page_of(office, school.sem)
    assert page.index("Het gaat weer.") < page.index("Zij willen niet samen.")
    assert page.count("Otto Vos") == 2


def test_a_long_history_is_shown_in_two_steps(office, school, app):
    with app.app_context():
        start_writing()
        for number in range(40):
            note(school.sem.id, None, "apart", f"reden {number}.", None, clock.now())
        db.session.commit()
    page = page_of(office, school.sem)
    assert "reden 39." in page and "reden 9." not in page and "De hele geschiedenis" in page
    assert "reden 9." in page_of(office, school.sem, "?history=all")


def test_it_takes_as_many_queries_whatever_there_is(office, school, app, count_queries):
    with count_queries() as few:
        page_of(office, school.lotte)
    with app.app_context():
        start_writing()
        db.session.add_all(
            Barring(pupil_id=school.sem.id, user_id=one.id, reason="r", barred_at=clock.now())
            for one in (school.anna, school.daan, school.dora, school.gert)
        )
        for number in range(29):
            note(school.sem.id, school.carl.id, "released", f"stuk {number}", None, clock.now())
        db.session.commit()
    with count_queries() as many:
        page_of(office, school.sem)
    assert len(few) == len(many) <= 10


def test_only_the_office_has_it(client_for, school, anonymous):
    path = f"/school/pupils/{school.bram.id}/arrangement"
    for person in (school.anna, school.daan, school.tess):
        assert client_for(person).get(path).status_code == 404
    assert anonymous.get(path).status_code == 303


def test_nothing_of_it_reaches_the_other_guardian(client_for, office, school, place, rows):
    daan = client_for(school.daan)
    pages = ("/", "/absence", "/absence/report", f"/pupils/{school.bram.id}/absences", "/profile")
    before = [daan.get(path).text for path in pages]
    at = place(school.anna, school.bram).id
    office.post(f"/school/guardianships/{at}/hiding", data={"step": "lock", "reason": "Beschikking."})
    office.post(
        f"/school/pupils/{school.bram.id}/arrangement/apart", data={"apart": "yes", "reason": "Uit elkaar."}
    )
    office.post(f"/school/guardianships/{at}/authority", data={"authority": "no", "reason": "Uitspraak."})
    assert without_tokens([daan.get(path).text for path in pages]) == without_tokens(before)
    assert rows(OutgoingMessage) == []


def without_tokens(pages):
    return [re.sub(r'name="csrf_token" value="[^"]+"', "", page) for page in pages]


@pytest.fixture
def away(app, school):
    """Gert may have no contact with Bram, so he sees nothing of Anna beside Noor; Anna hides from nobody."""
    with app.app_context():
        start_writing()
        for place in db.session.scalars(db.select(Guardianship)):
            place.hidden_at = None
        barring = Barring(pupil_id=school.bram.id, user_id=school.gert.id, reason="r", barred_at=clock.now())
        db.session.add(barring)
        for place in db.session.scalars(db.select(Guardianship).filter_by(user_id=school.gert.id)):
            place.has_authority = True
        db.session.commit()


def test_who_may_have_no_contact_with_a_sibling_is_not_called_hidden(office, school, away):
    page = page_of(office, school.noor)
    assert (
        "Blijft verborgen voor de andere ouder, want die mag geen contact hebben met een ander kind van "
        "Anna Bakker."
    ) in page
    assert "niets: mag geen contact hebben met een ander kind van de ander" in page
    assert "Verbergt zich voor" not in page and "niets: de ander verbergt zich" not in page
    assert "Anna Bakker verbergt zich" not in unescape(office.get(f"/school/pupils/{school.noor.id}").text)


def test_where_one_is_kept_away_talks_are_apart_and_each_page_says_why(office, school, away):
    because = (
        "De gesprekken zijn apart, want de andere ouder mag geen contact hebben met een ander kind van "
        "Anna Bakker."
    )
    arrangement = f"/school/pupils/{school.noor.id}/arrangement"
    page = page_of(office, school.noor)
    assert page.count(because) == 2 and "verborgen voor elkaar" not in page and "want  " not in page
    assert f"{because} Is dat niet meer zo, dan zijn ze samen." in page
    assert f"{because} Zolang dat zo is, blijven ze apart" in unescape(
        office.get(f"{arrangement}/apart").text
    )
    for apart, said in (("yes", "Vanaf nu apart."), ("no", "Vanaf nu samen. De gesprekken blijven apart:")):
        office.post(f"{arrangement}/apart", data={"apart": apart, "reason": "Op verzoek."})
        assert said in page_of(office, school.noor)
