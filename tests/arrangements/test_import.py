"""An import brings nobody back who may have no contact, and shows nobody the own family."""

import io
import re

import pytest

from portal import clock
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.models.arrangements import ArrangementEntry, Barring
from portal.models.roster import Guardianship, Pupil
from tests.arrangements.conftest import MARK
from tests.arrangements.test_own_family import marks

HEAD = "Naam leerling;Geboortedatum leerling;Naam ouder;E-mail ouder;Telefoon ouder;Relatie;Gezag"
HIS = f"ruud.{MARK.lower()}@lindeboog.example"
ABOUT_HIM = f"Pim Dam;;Ruud{MARK} {MARK}Prins;{HIS};06 0000 9999;oom;ja"
ABOUT_HER = "Pim Dam;;Olga Dam;olga@lindeboog.example;06 0000 1111;moeder;ja"
ABOUT_CARL = "Sem Peters;14-03-2017;Carl Peters;carl@lindeboog.example;06 0000 2222;vader;ja"


def preview(client, *lines):
    content = "\n".join((HEAD, *lines)).encode()
    data = {"files": (io.BytesIO(content), "ouders.csv")}
    answer = client.post("/school/import", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    assert not answer.location.endswith("mapping"), client.get(answer.location).text
    return answer.location


def accept(client, address, more=()):
    page = client.get(address).text
    boxes = re.findall(r'<input type="checkbox" name="on" value="([^"]+)" checked', page)
    revision = re.search(r'name="revision" value="(\d+)"', page)[1]
    return client.post(f"{address}/acceptance", data={"on": [*boxes, *more], "revision": revision})


def forbid(app, pupil, person):
    with app.app_context():
        start_writing()
        barring = Barring(pupil_id=pupil.id, user_id=person.id, reason="r", barred_at=clock.now())
        db.session.add(barring)
        db.session.commit()


def test_she_sees_no_row_about_him_and_it_is_read_in(client_for, family, rows):
    olga = client_for(family.olga)
    address = preview(olga, ABOUT_HIM, ABOUT_HER, ABOUT_CARL)
    page = olga.get(address).text
    assert "Regels over de ouders van uw eigen gezin ziet u hier niet." in page
    assert marks(page) == []
    assert "06 0000 2222" in page
    assert accept(olga, address).status_code == 303
    ruud = next(one for one in rows(User) if one.id == family.ruud.id)
    assert ruud.phone == "06 0000 9999"
    assert next(one for one in rows(Guardianship) if one.id == family.ruuds).relation == "oom"


def test_the_notice_is_there_whatever_the_file_holds(client_for, family):
    olga = client_for(family.olga)
    assert "Regels over de ouders van uw eigen gezin" in olga.get(preview(olga, ABOUT_CARL)).text


def test_a_colleague_sees_the_rows(client_for, school, family):
    bea = client_for(school.bea)
    page = bea.get(preview(bea, ABOUT_HIM, ABOUT_HER, ABOUT_CARL)).text
    assert "Regels over de ouders van uw eigen gezin" not in page
    assert marks(page)


def emails(rows, *people):
    return [next(one.email for one in rows(User) if one.id == person.id) for person in people]


def test_addresses_that_she_and_he_exchange_are_exchanged_unseen(client_for, family, rows):
    olga = client_for(family.olga)
    to_him = ABOUT_HIM.replace(HIS, "olga@lindeboog.example")
    address = preview(olga, to_him, ABOUT_HER.replace("olga@lindeboog.example", HIS))
    assert marks(olga.get(address).text) == []
    assert accept(olga, address).status_code == 303
    assert emails(rows, family.olga, family.ruud) == [HIS, "olga@lindeboog.example"]


def test_an_address_that_she_does_not_free_stays_from_him_and_nothing_is_said(
    client_for, family, school, rows
):
    olga = client_for(family.olga)
    to_him = ABOUT_HIM.replace(HIS, school.carl.email)
    address = preview(olga, to_him, ABOUT_CARL.replace(school.carl.email, "carl.nu@x.example"))
    page = olga.get(address).text
    revision = re.search(r'name="revision" value="(\d+)"', page)[1]
    answer = olga.post(f"{address}/acceptance", data={"revision": revision})
    assert (answer.status_code, marks(answer.text)) == (303, [])
    assert emails(rows, school.carl, family.ruud) == [school.carl.email, HIS]


def test_she_decides_nothing_about_him_by_sending_more(client_for, family, rows):
    """His place is not in the file: it stays, whatever box she sends for it."""
    olga = client_for(family.olga)
    address = preview(olga, ABOUT_HER)
    assert marks(olga.get(address).text) == []
    assert accept(olga, address, [f"end-{family.ruuds}"]).status_code == 303
    assert next(one for one in rows(Guardianship) if one.id == family.ruuds).revoked_at is None


def test_two_people_with_one_address_in_her_family_are_answered_the_careful_way(client_for, family, rows):
    olga = client_for(family.olga)
    address = preview(olga, f"Kees Dam;;Truus Zaal;{HIS};;oma;ja")
    page = olga.get(address).text
    assert marks(page) == [] and "Truus" not in page
    assert accept(olga, address).status_code == 303
    assert [one.given_name for one in rows(User)].count("Truus") == 0


def test_a_question_about_another_child_does_not_name_him(client_for, family, app, school):
    """A new guardian of her child bears the name that a row about another child has too, or the address."""
    olga = client_for(family.olga)
    with app.app_context():
        start_writing()
        db.session.get_one(Pupil, school.sem.id).surname = "Dam"
        db.session.delete(db.session.get_one(Guardianship, family.ruuds))
        db.session.commit()
    new = f"Pim Dam;;Joop {MARK}Kok;joop.{MARK.lower()}@x.nl;;oom;ja"
    for row in (
        f"Sem Dam;14-03-2017;Joop {MARK}Kok;;;;",
        f"Sem Dam;14-03-2017;Truus Zaal;joop.{MARK.lower()}@x.nl;;oma;ja",
    ):
        assert "Pim Dam" not in olga.get(preview(olga, new, row)).text


@pytest.mark.parametrize("address", ["dora@lindeboog.example", "anders@mulder.example", ""])
def test_who_may_have_no_contact_is_left_out_and_named(client_for, school, app, rows, address):
    """Also under another address: a second row of the same person would undo the decision."""
    forbid(app, school.lotte, school.dora)
    otto = client_for(school.otto)
    where = preview(otto, f"Lotte Jansen;14-03-2017;Dora Mulder;{address};;moeder;ja")
    page = otto.get(where).text
    assert "Weggelaten: geen contact" in page and "Dora Mulder" in page
    assert accept(otto, where).status_code == 303
    now = [one.user_id for one in rows(Guardianship) if one.pupil_id == school.lotte.id]
    assert now == [school.tess.id]
    assert [one.given_name for one in rows(User)].count("Dora") == 1


def test_the_command_leaves_them_out_and_goes_on(app, school, rows, tmp_path):
    forbid(app, school.lotte, school.dora)
    path = tmp_path / "ouders.csv"
    lines = (HEAD, "Lotte Jansen;14-03-2017;Dora Mulder;dora@lindeboog.example;;moeder;ja", ABOUT_CARL)
    path.write_text("\n".join(lines))
    result = app.test_cli_runner().invoke(args=["import", str(path)])
    assert result.exit_code == 0, result.output
    assert "geen contact" in result.output
    assert school.dora.id not in {one.user_id for one in rows(Guardianship) if not one.revoked_at}
    assert next(one for one in rows(User) if one.id == school.carl.id).phone == "06 0000 2222"


def test_authority_from_the_list_is_kept_in_the_history(client_for, school, rows, place):
    otto = client_for(school.otto)
    address = preview(otto, ABOUT_CARL.replace(";ja", ";nee"))
    assert accept(otto, address).status_code == 303
    assert not place(school.carl, school.sem).has_authority
    assert [(one.what, one.about, one.reason) for one in rows(ArrangementEntry)] == [
        ("listed_no_authority", school.carl.id, "Zo staat het in de lijst van de leerlingadministratie.")
    ]


class TestAuthorityThatSchoolTookAway:
    """No list gives it back unasked (R21)."""

    DAAN = "Bram Visser;14-03-2020;Daan Visser;daan@lindeboog.example;;vader"

    @pytest.fixture
    def denied(self, office, school, place):
        """Daan gets information about Bram on request only, by what school decided."""
        at = place(school.daan, school.bram).id
        office.post(f"/school/guardianships/{at}/authority", data={"authority": "no", "reason": "Uitspraak."})
        return at

    def authority(self, rows, school):
        return next(
            one.has_authority
            for one in rows(Guardianship)
            if one.user_id == school.daan.id and one.revoked_at is None
        )

    def test_the_box_begins_off_and_the_page_says_why(self, office, denied, school, rows):
        address = preview(office, f"{self.DAAN};ja")
        page = office.get(address).text
        assert f'value="link-{denied}-authority"' in page and "School heeft dit gezag weggehaald." in page
        accept(office, address)
        assert self.authority(rows, school) is False
        address = preview(office, f"{self.DAAN};ja")
        accept(office, address, [f"link-{denied}-authority"])
        assert self.authority(rows, school) is True
        assert rows(ArrangementEntry)[-1].what == "listed_authority"

    def test_what_a_list_took_a_list_gives_back(self, office, school, rows, place):
        for told, kept in (("nee", False), ("ja", True)):
            accept(office, preview(office, f"{self.DAAN};{told}"))
            assert self.authority(rows, school) is kept

    @pytest.mark.parametrize("told", ["", "ja"])
    def test_who_comes_back_comes_back_without_it(self, office, denied, school, rows, told):
        office.post(f"/school/guardianships/{denied}/revocation", data={"reason": "Op verzoek."})
        address = preview(office, f"{self.DAAN};{told}")
        page = office.get(address).text
        assert "alleen informatie op verzoek; de school heeft deze toegang eerder beëindigd" in page
        accept(office, address, [f"link-p{school.bram.id}-u{school.daan.id}"])
        assert self.authority(rows, school) is False
        assert [one.what for one in rows(ArrangementEntry)] == ["no_authority", "ended", "added"]

    def test_the_form_begins_without_it_too(self, office, denied, school):
        office.post(f"/school/guardianships/{denied}/revocation", data={"reason": "Op verzoek."})
        form = {"email": "daan@lindeboog.example", "language": "nl", "has_authority": "y"}
        page = office.post(f"/school/pupils/{school.bram.id}/guardians/new", data=form).text
        assert "was ouder of verzorger van Bram Visser zonder gezag" in page
        assert re.search(r'<input[^>]*name="has_authority"[^>]*>', page)[0].count("checked") == 0


def test_the_history_says_that_somebody_came_back_by_a_list(office, school, rows, place):
    at = place(school.daan, school.bram).id
    office.post(f"/school/guardianships/{at}/revocation", data={"reason": "Op verzoek."})
    address = preview(office, "Bram Visser;14-03-2020;Daan Visser;daan@lindeboog.example;;vader;ja")
    accept(office, address, [f"link-p{school.bram.id}-u{school.daan.id}"])
    assert [(one.what, one.about) for one in rows(ArrangementEntry)] == [
        ("ended", school.daan.id),
        ("added", school.daan.id),
    ]
    assert "Daan Visser toegevoegd" in office.get(f"/school/pupils/{school.bram.id}/arrangement").text


def test_the_command_leaves_authority_that_school_took_away_and_says_so(
    office, school, rows, place, app, tmp_path
):
    at = place(school.daan, school.bram).id
    office.post(f"/school/guardianships/{at}/authority", data={"authority": "no", "reason": "Uitspraak."})
    path = tmp_path / "ouders.csv"
    path.write_text(f"{HEAD}\nBram Visser;14-03-2020;Daan Visser;daan@lindeboog.example;;vader;ja")
    result = app.test_cli_runner().invoke(args=["import", str(path)])
    assert result.exit_code == 0, result.output
    assert "ouders.csv" in result.stderr and "gezag over Bram Visser" in result.stderr
    assert next(one for one in rows(Guardianship) if one.id == at).has_authority is False
