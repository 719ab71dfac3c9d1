"""The boxes of an import: only what is ticked happens, also where the page has to be asked again."""

import re

from portal import clock
from portal.domain import invitations
from portal.extensions import db
from portal.models.accounts import Invitation, User
from portal.models.roster import Guardianship, Pupil
from tests.accounts.conftest import do
from tests.roster_import.conftest import guardians, pupils
from tests.roster_import.export import export

__all__ = ["do"]

DORA = "101;Bram Visser;Dora Mulder;dora@lindeboog.example;;tante;ja"


def box(page: str, ident: str) -> bool | None:
    """Return whether a box is on; None when it is not there."""
    found = re.search(rf'name="on" value="{ident}"( checked)?', page)
    return bool(found[1]) if found else None


def end(office, rows, school, person) -> None:
    for one in rows(Guardianship):
        if (one.pupil_id, one.user_id, one.revoked_at) == (school.bram.id, person.id, None):
            url = f"/school/guardianships/{one.id}/revocation"
            assert office.client.post(url, data={"reason": "Op verzoek."}).status_code == 303


def test_ending_one_access_gives_no_ended_one_back(office, numbered, rows, school, guardians_of) -> None:
    url = office.preview(guardians("101;Bram Visser;Anna Bakker;anna@lindeboog.example;;;", DORA))
    page = office.page(url)
    assert "School heeft deze toegang eerder beëindigd" in page
    sent = office.form(page)
    daan = next(row for row in rows(Guardianship) if row.user_id == school.daan.id)
    sent["on"] = [*sent["on"], f"end-{daan.id}"]
    assert office.client.post(f"{url}/acceptance", data=sent).status_code == 303
    assert guardians_of(school.bram) == {school.anna.id}


def test_a_child_picked_for_a_row_brings_no_ended_access_to_its_other_child_back(
    office, numbered, rows, school, guardians_of
) -> None:
    end(office, rows, school, school.daan)
    head = "Leerlingcodes;Naam ouder;E-mail ouder"
    both = ("ouders.csv", f"{head}\n101, 104x;Daan Visser;daan@lindeboog.example".encode())
    url = office.preview(both)
    page = office.page(url)
    assert box(page, f"link-p{school.bram.id}-u{school.daan.id}") is False
    ident, picked = re.search(r'<select id="(who-\d+-\d+)".*?<option value="(p\d+)">', page).groups()
    assert picked == f"p{school.lotte.id}"
    assert office.accept(url, **{ident: picked}).status_code == 303
    assert school.daan.id in guardians_of(school.lotte)
    assert school.daan.id not in guardians_of(school.bram)


def test_a_picked_child_whose_access_was_ended_is_asked_about(
    office, numbered, rows, school, guardians_of
) -> None:
    end(office, rows, school, school.daan)
    url = office.preview(guardians("101x;Bram Vissers;Daan Visser;daan@lindeboog.example;;;"))
    page = office.page(url)
    picked = {re.search(r'<select id="(who-\d+-\d+)"', page)[1]: f"p{school.bram.id}"}
    again = office.accept(url, **picked)
    assert again.status_code == 422
    ident = f"link-p{school.bram.id}-u{school.daan.id}"
    assert "school de toegang tot het kind eerder" in again.text and box(again.text, ident) is False
    sent = {**office.form(again.text), **picked}
    assert office.client.post(f"{url}/acceptance", data=sent).status_code == 303
    assert school.daan.id not in guardians_of(school.bram)
    url = office.preview(guardians("101x;Bram Vissers;Daan Visser;daan@lindeboog.example;;;"))
    sent = {**office.form(office.page(url)), **picked}
    sent["on"] = [*sent["on"], ident]
    assert office.client.post(f"{url}/acceptance", data=sent).status_code == 303
    assert school.daan.id in guardians_of(school.bram)


def test_three_guardians_who_are_ticked_are_named(office, numbered, rows, school, guardians_of) -> None:
    end(office, rows, school, school.daan)
    url = office.preview(
        guardians(
            "101;Bram Visser;Daan Visser;daan@lindeboog.example;;;",
            "101;Bram Visser;Eva Nieuw;eva@x.nl;;;",
        )
    )
    sent = office.form(office.page(url))
    sent["on"] = [*sent["on"], f"link-p{school.bram.id}-u{school.daan.id}"]
    answer = office.client.post(f"{url}/acceptance", data=sent)
    assert answer.status_code == 422
    assert "Anna Bakker, Daan Visser en Eva Nieuw" in answer.text
    assert guardians_of(school.bram) == {school.anna.id}
    sent["on"] = [one for one in sent["on"] if "-na" not in one]
    assert office.client.post(f"{url}/acceptance", data=sent).status_code == 303
    assert guardians_of(school.bram) == {school.anna.id, school.daan.id}


def whole_school(office) -> str:
    made = export(120, 200)
    return office.preview(("EDEX.XML", made.edexml()), ("ouders.csv", made.guardians()))


def test_the_box_for_the_rest_stays_as_it_was_after_a_refusal(office, rows) -> None:
    url = whole_school(office)
    page = office.page(url)
    assert re.search(r'name="rest" value="new" checked', page)
    sent = office.form(page)
    sent["rest"] = []
    sent["on"] = [one for one in sent["on"] if one != "new-0"]
    # Nobody typed how many leave: the page comes back with everything as it was sent.
    sent["on"] = [*sent["on"], *re.findall(r'name="on" value="(left-\d+)"', page)]
    again = office.client.post(f"{url}/acceptance", data=sent)
    assert again.status_code == 422
    assert re.search(r'name="rest" value="new">', again.text)
    assert box(again.text, "new-0") is False


def test_an_answer_moves_no_row_out_of_sight(office, numbered, rows, school) -> None:
    """A guardian whose child is picked comes in; the fortieth row is still read in, and no unticked one."""
    lines = [f"{number};Kind{number};Bos;1-2-2018;6" for number in range(201, 246)]
    assert office.accept(office.preview(pupils(extra="\n".join(lines)))).status_code == 303
    parents = [f"{number};Kind{number} Bos;Ouder{number} Bos;o{number}@x.nl;;;" for number in range(201, 246)]
    url = office.preview(guardians("104x;Lotte Jansens;Ko Jansen;ko@x.nl;;;", *parents))
    page = office.page(url)
    assert "en nog 5" in page
    who = {re.search(r'<select id="(who-\d+-\d+)"', page)[1]: f"p{school.lotte.id}"}
    sent = {**office.form(page), **who}
    unticked = sent["on"][0]
    sent["on"] = sent["on"][1:]
    assert office.client.post(f"{url}/acceptance", data=sent).status_code == 303
    assert len(rows(Guardianship)) == 8 + 44 + 1
    assert unticked.startswith("link-")


def test_every_row_that_begins_off_has_a_box(office, numbered, rows, school, guardians_of) -> None:
    lines = [f"{number};Kind{number};Bos;1-2-2018;6" for number in range(201, 246)]
    office.accept(office.preview(pupils(extra="\n".join(lines))))
    numbers = range(201, 246)
    parents = [f"{number};Kind{number} Bos;Ouder{number} Bos;o{number}@x.nl;;;" for number in numbers]
    office.accept(office.preview(guardians(*parents)))
    others = [f"{number};Kind{number} Bos;Ander{number} Kok;a{number}@x.nl;;;" for number in numbers]
    page = office.page(office.preview(guardians(*others)))
    assert len(re.findall(r'name="on" value="end-\d+"', page)) == 45
    assert 'name="rest" value="ending"' not in page


def test_nobody_loses_authority_to_a_name_that_nobody_confirmed(office, numbered, rows, school) -> None:
    row = guardians("104;Lotte Jansen;Ineke Dam;tess@lindeboog.example;;stiefmoeder;nee")
    url = office.preview(row)
    page = office.page(url)
    assert re.search(r'name="choice-\d+" value="one" checked', page)
    place = next(one for one in rows(Guardianship) if one.user_id == school.tess.id)
    assert box(page, f"link-{place.id}-authority") is False
    choice = re.search(r'name="(choice-\d+)" value="one" checked', page)[1]
    assert office.accept(url, **{choice: "one"}).status_code == 303
    assert next(one for one in rows(Guardianship) if one.id == place.id).has_authority


def test_a_new_address_of_who_does_not_belong_here_stops_nothing(
    office, numbered, rows, school, do, mailed
) -> None:
    def invited() -> None:
        inge = db.session.get_one(User, school.inge.id)
        inge.phone, inge.phone_e164 = "06 12345678", "+31612345678"
        invitations.invite(inge, None, clock.now())
        db.session.get_one(Pupil, school.sem.id).archived_at = clock.now()

    do(invited)
    mailed()
    url = office.preview(guardians("104;Lotte Jansen;Inge Dekker;inge.nu@x.nl;06 12345678;;"))
    sent = office.form(office.page(url))
    assert f"guardian-{school.inge.id}-email" in sent["on"]
    sent["on"] = [one for one in sent["on"] if not one.startswith("link-")]
    assert office.client.post(f"{url}/acceptance", data=sent).status_code == 303
    assert next(user for user in rows(User) if user.id == school.inge.id).email == "inge.nu@x.nl"
    assert mailed() == []
    assert [one.replaced_at is None for one in sorted(rows(Invitation), key=lambda one: one.id)] == [
        False,
        True,
    ]


def test_a_new_child_that_is_unticked_brings_nobody_in(office, numbered, rows) -> None:
    url = office.preview(
        pupils(extra="201;Quirine;Zwart;02-02-2018;6"),
        guardians("201x;Quirine Zwarts;Ine Zwart;ine@x.nl;;;", "201;Quirine Zwart;Ko Zwart;ko@x.nl;;;"),
    )
    page = office.page(url)
    ident, picked = re.search(r'<select id="(who-\d+-\d+)".*?<option value="(np\d+)">', page).groups()
    sent = {**office.form(page), ident: picked}
    sent["on"] = [one for one in sent["on"] if not one.startswith("new-")]
    sent["rest"] = []
    assert office.client.post(f"{url}/acceptance", data=sent).status_code == 303
    assert "Quirine" not in [pupil.given_name for pupil in rows(Pupil)]
    assert not {"ine@x.nl", "ko@x.nl"} & {user.email for user in rows(User)}


def test_an_answer_lets_no_guardian_of_an_unticked_child_in(office, numbered, rows) -> None:
    url = office.preview(
        pupils(extra="201;Quirine;Zwart;02-02-2018;6"),
        guardians("201;Quirine Zwart;Ine Zwart;thuis@x.nl;;;", "201;Quirine Zwart;Bo Kok;thuis@x.nl;;;"),
    )
    page = office.page(url)
    choice = re.search(r'name="(choice-\d+)" value="two"', page)[1]
    sent = {**office.form(page), choice: "two"}
    sent["on"] = [one for one in sent["on"] if not one.startswith("new-")]
    assert office.client.post(f"{url}/acceptance", data=sent).status_code == 303
    assert not {"Ine", "Bo"} & {user.given_name for user in rows(User)}
