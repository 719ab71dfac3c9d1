"""`/school/import`: nothing before it is accepted, and then all of it or nothing."""

import re

import pytest
from sqlalchemy import select, update

from portal import clock
from portal.domain.importers.rows import load
from portal.extensions import db, start_writing
from portal.models.accounts import StaffMember, User
from portal.models.audit import AuditEntry
from portal.models.imports import RosterImport, TableMapping
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Group, Guardianship, Membership, Pupil
from tests.roster_import.conftest import Office, guardians, pupils
from tests.roster_import.export import CANARIES, export


def test_the_pages_are_for_the_office_only(client_for, school, anonymous) -> None:
    for person in (school.anna, school.tess):
        client = client_for(person)
        assert client.get("/school/import").status_code == 404
        assert client.post("/school/import").status_code == 404
        assert client.post("/school/import/1/acceptance").status_code == 404
    assert anonymous.get("/school/import").status_code == 303
    for person in (school.otto, school.hedy, school.bea):
        assert client_for(person).get("/school/import").status_code == 200


def test_a_preview_changes_nothing(office, rows) -> None:
    made = export(30, 50)
    before = [len(rows(model)) for model in (Pupil, User, Group, Guardianship)]
    url = office.preview(("EDEX.XML", made.edexml()), ("ouders.csv", made.guardians()))
    page = office.page(url)
    assert "Er is nog niets veranderd" in page
    assert [len(rows(model)) for model in (Pupil, User, Group, Guardianship)] == before
    assert len(rows(RosterImport)) == 1


def test_accepting_reads_everything_in_and_throws_the_preview_away(office, rows, school) -> None:
    made = export(60, 100)
    url = office.preview(("EDEX.XML", made.edexml()), ("ouders.csv", made.guardians()))
    # The cast is only known to the portal: the boxes of who is not in the file begin off.
    assert office.accept(url).status_code == 303
    assert len([pupil for pupil in rows(Pupil) if pupil.key]) == 60
    assert rows(RosterImport) == []
    assert len(rows(StaffMember)) == 6 + 22
    assert [entry.actor_id for entry in rows(AuditEntry) if entry.verb == "import_roster"] == [school.otto.id]


def test_the_same_files_again_change_nothing(office, rows) -> None:
    made = export(60, 100)
    files = [("EDEX.XML", made.edexml()), ("ouders.csv", made.guardians())]
    office.accept(office.preview(*files))
    page = office.page(office.preview(*files))
    assert "0 wijzigingen" in page


def test_an_unticked_row_stays_out(office, rows) -> None:
    url = office.preview(pupils(extra="105;Mila;Bos;1-2-2018;6\n106;Otis;Kok;2-2-2018;6"))
    page = office.page(url)
    sent = office.form(page)
    boxes = re.findall(r'name="on" value="(new-\d+)" checked aria-label="(\w+)', page)
    sent["on"] = [one for one in sent["on"] if one != dict((name, ident) for ident, name in boxes)["Otis"]]
    assert office.client.post(f"{url}/acceptance", data=sent).status_code == 303
    names = [pupil.given_name for pupil in rows(Pupil)]
    assert "Mila" in names and "Otis" not in names


def test_old_and_new_stand_side_by_side(office, numbered, rows) -> None:
    name, data = pupils()
    data = data.replace(b"102;Noor;Smit;14-03-2017;6", b"102;Noor;Smit-Bakker;14-03-2017;3/4")
    page = office.page(office.preview((name, data)))
    assert re.search(r"<del[^>]*><bdi>Noor Smit</bdi></del>.*?<ins><bdi>Noor Smit-Bakker</bdi></ins>", page)
    assert re.search(r"<del[^>]*><bdi>groep 6</bdi></del>.*?<ins><bdi>groep 3/4</bdi></ins>", page)


def test_a_pupil_who_is_gone_is_archived_and_comes_back(office, numbered, rows, school) -> None:
    url = office.preview(pupils("Sem"))
    assert office.accept(url).status_code == 422
    assert all(pupil.archived_at is None for pupil in rows(Pupil))
    page = office.client.post(f"{url}/acceptance", data=office.form(office.page(url), leaving="2"))
    assert page.status_code == 422
    assert 'id="leaving"' in page.text and "Fout: " in page.text
    assert office.accept(url, leaving="1").status_code == 303
    sem = next(pupil for pupil in rows(Pupil) if pupil.id == school.sem.id)
    assert sem.archived_at is not None
    assert not [row for row in rows(Membership) if row.pupil_id == sem.id and row.ended_on is None]
    office.accept(office.preview(pupils()))
    sem = next(pupil for pupil in rows(Pupil) if pupil.id == school.sem.id)
    assert sem.archived_at is None
    assert len([row for row in rows(Membership) if row.pupil_id == sem.id and row.ended_on is None]) == 1


def test_a_guardian_of_nobody_comes_with_suggestions(office, numbered, rows, school) -> None:
    url = office.preview(guardians("999;Nora Smid;Ine Smid;ine@x.nl;;tante;ja"))
    page = office.page(url)
    option = re.search(r'<select id="(who-\d+-\d+)".*?<option value="(p\d+)">([^<]+)', page)
    assert option and option[3].startswith("Noor Smit")
    answer = office.accept(url, **{option[1]: option[2]})
    assert answer.status_code == 303
    # Noor has two guardians already: even then the third is refused.
    assert len([row for row in rows(Guardianship) if row.pupil_id == school.noor.id]) == 2


def test_a_suggestion_that_was_not_offered_is_not_taken(office, numbered, rows, school) -> None:
    url = office.preview(guardians("999;Heel Iemand Anders;Ine Smid;ine@x.nl;;;"))
    office.accept(url, **{"who-0-0": f"p{school.lotte.id}"})
    assert len([row for row in rows(Guardianship) if row.pupil_id == school.lotte.id]) == 1


def test_a_third_guardian_is_refused_with_the_names_of_the_two(office, numbered, rows, school) -> None:
    url = office.preview(guardians("101;Bram Visser;Eva Nieuw;eva@x.nl;;;"))
    page = office.page(url)
    assert "Bram Visser heeft al twee ouders of verzorgers: Anna Bakker en Daan Visser" in page
    office.accept(url)
    assert "eva@x.nl" not in [user.email for user in rows(User)]


def test_a_third_guardian_takes_the_place_of_one_that_the_office_ends(office, numbered, rows, school) -> None:
    url = office.preview(guardians("101;Bram Visser;Eva Nieuw;eva@x.nl;;;"))
    sent = office.form(office.page(url))
    daan = next(row for row in rows(Guardianship) if row.user_id == school.daan.id)
    sent["on"] = [*sent["on"], f"end-{daan.id}"]
    assert office.client.post(f"{url}/acceptance", data=sent).status_code == 303
    eva = next(user for user in rows(User) if user.email == "eva@x.nl")
    current = [row for row in rows(Guardianship) if row.pupil_id == school.bram.id and row.revoked_at is None]
    assert {row.user_id for row in current} == {school.anna.id, eva.id}


def test_a_guardian_whom_the_file_does_not_name_keeps_access_unless_ticked(
    office, numbered, rows, school
) -> None:
    url = office.preview(guardians("101;Bram Visser;Anna Bakker;anna@lindeboog.example;;;"))
    page = office.page(url)
    assert "Daan Visser" in page
    office.accept(url)
    daan = next(row for row in rows(Guardianship) if row.user_id == school.daan.id)
    assert daan.revoked_at is None


def test_an_ended_access_does_not_come_back_by_itself(office, numbered, rows, school) -> None:
    office.accept(office.preview(pupils()))
    url = office.preview(guardians("101;Bram Visser;Dora Mulder;dora@lindeboog.example;;;"))
    office.accept(url)
    dora = [row for row in rows(Guardianship) if row.user_id == school.dora.id]
    assert len(dora) == 1 and dora[0].revoked_at is not None


def test_what_a_parent_changed_is_shown_and_kept(office, numbered, app, rows, school) -> None:
    with app.app_context():
        start_writing()
        db.session.execute(
            update(User)
            .where(User.id == school.carl.id)
            .values(
                phone="06 11112222",
                phone_e164="+31611112222",
                phone_changed_by_self_at=clock.now(),
                email_changed_by_self_at=clock.now(),
            )
        )
        db.session.commit()
    row = "103;Sem Peters;Carl Peters;carl.oud@x.nl;06 33334444;;"
    url = office.preview(guardians(row))
    page = office.page(url)
    assert "06 11112222" in page and "06 33334444" in page and "carl.oud@x.nl" in page
    office.accept(url)
    carl = next(user for user in rows(User) if user.id == school.carl.id)
    assert (carl.phone, carl.email) == ("06 11112222", "carl@lindeboog.example")
    url = office.preview(guardians(row))
    sent = office.form(office.page(url))
    sent["on"] = [*sent["on"], f"guardian-{school.carl.id}-phone"]
    office.client.post(f"{url}/acceptance", data=sent)
    carl = next(user for user in rows(User) if user.id == school.carl.id)
    assert (carl.phone, carl.phone_changed_by_self_at) == ("06 33334444", None)
    assert carl.email == "carl@lindeboog.example"


EXCHANGED = (
    "101;Bram Visser;Anna Bakker;daan@lindeboog.example;;moeder;ja",
    "101;Bram Visser;Daan Visser;anna@lindeboog.example;;vader;nee",
)


def parents_of_bram(rows, school) -> dict[str, tuple[str | None, str, bool]]:
    emails = {user.id: user.email for user in rows(User)}
    return {
        {school.anna.id: "Anna", school.daan.id: "Daan"}[one.user_id]: (
            emails[one.user_id],
            one.relation,
            one.has_authority,
        )
        for one in rows(Guardianship)
        if one.pupil_id == school.bram.id and one.revoked_at is None
    }


def test_parents_who_exchanged_addresses_keep_their_own_authority(
    office, numbered, rows, school, mailed
) -> None:
    assert office.accept(office.preview(guardians(*EXCHANGED))).status_code == 303
    after = {
        "Anna": ("daan@lindeboog.example", "moeder", True),
        "Daan": ("anna@lindeboog.example", "vader", False),
    }
    assert parents_of_bram(rows, school) == after
    assert mailed() == []  # What is about one of them is not for the other to read.
    assert office.accept(office.preview(guardians(*EXCHANGED))).status_code == 303
    assert parents_of_bram(rows, school) == after


def test_an_address_is_not_given_to_two(office, numbered, rows, school) -> None:
    url = office.preview(guardians(*EXCHANGED))
    sent = office.form(office.page(url))
    sent["on"] = [one for one in sent["on"] if one != f"guardian-{school.daan.id}-email"]
    answer = office.client.post(f"{url}/acceptance", data=sent)
    assert answer.status_code == 422
    assert "Anna Bakker kan het adres daan@lindeboog.example pas krijgen" in answer.text
    assert parents_of_bram(rows, school)["Anna"][0] == "anna@lindeboog.example"


def test_who_gets_another_address_from_a_list_is_told_at_the_old_one(
    office, numbered, rows, school, mailed, anonymous
) -> None:
    anonymous.post("/password/forgot", data={"email": school.carl.email})
    [link] = [mail.links[0] for mail in mailed()]
    path = link.partition("8000")[2]
    assert office.accept(office.preview(guardians("103;Sem Peters;Carl Peters;carl.nu@x.nl;;;"))).location
    assert [mail.recipients for mail in mailed()] == [[school.carl.email]]
    assert anonymous.get(path).status_code == 410


def test_two_names_with_one_address_need_an_answer(office, numbered, rows, school) -> None:
    url = office.preview(
        guardians("104;Lotte Jansen;Ko Jansen;thuis@x.nl;;;", "103;Sem Peters;Ria Roos;thuis@x.nl;;;")
    )
    answer = office.accept(url)
    assert answer.status_code == 422
    assert "Fout: " in answer.text
    ident = re.search(r'name="(choice-\d+)" value="two"', office.page(url))[1]
    assert office.accept(url, **{ident: "two"}).status_code == 303
    made = [
        user for user in rows(User) if user.surname in ("Jansen", "Roos") and user.given_name in ("Ko", "Ria")
    ]
    assert sorted(str(user.email) for user in made) == ["thuis@x.nl"]  # Sem had two guardians already
    assert len([row for row in rows(Guardianship) if row.pupil_id == school.lotte.id]) == 2


def test_one_name_in_one_family_is_one_person_when_the_office_says_so(
    office, numbered, rows, school, app
) -> None:
    with app.app_context():
        start_writing()
        db.session.execute(update(Pupil).where(Pupil.id == school.lotte.id).values(surname="Visser"))
        db.session.commit()
    url = office.preview(guardians("104;Lotte Visser;Daan Visser;;;;"))
    page = office.page(url)
    assert "Een ouder van Bram Visser heet ook Daan Visser" in page
    ident = re.search(r'name="(choice-\d+)" value="two" checked', page)[1]
    people = len(rows(User))
    assert office.accept(url, **{ident: "one"}).status_code == 303
    assert len(rows(User)) == people
    assert school.lotte.id in {row.pupil_id for row in rows(Guardianship) if row.user_id == school.daan.id}


def test_a_guardian_with_a_login_is_told_of_a_new_child(office, numbered, rows, school) -> None:
    url = office.preview(guardians("104;Lotte Jansen;Anna Bakker;anna@lindeboog.example;;;"))
    office.accept(url)
    assert [mail.user_id for mail in rows(OutgoingMessage) if mail.kind == "child_added"] == [school.anna.id]
    assert [user.email for user in rows(User)].count("anna@lindeboog.example") == 1


def test_a_preview_that_the_roster_has_overtaken_says_so(
    office, numbered, app, rows, school, client_for
) -> None:
    first = office.preview(pupils(extra="105;Mila;Bos;1-2-2018;6"))
    second = office.preview(pupils(extra="106;Otis;Kok;2-2-2018;6"))
    sent = office.form(office.page(second))
    office.accept(first)
    answer = office.client.post(f"{second}/acceptance", data=sent)
    assert (answer.status_code, answer.location) == (303, second)
    assert "gewijzigd sinds u keek" in office.page(second)
    assert "Otis" not in [pupil.given_name for pupil in rows(Pupil)]
    sent = office.form(office.page(second))
    sent["on"] = [one for one in sent["on"] if not one.startswith("left-")]
    assert office.client.post(f"{second}/acceptance", data=sent).status_code == 303


def test_a_preview_can_be_thrown_away_and_goes_after_a_week(office, rows, at) -> None:
    url = office.preview(pupils())
    assert office.client.post(f"{url}/cancellation").status_code == 303
    assert rows(RosterImport) == []
    assert office.client.get(url).status_code == 404
    office.preview(pupils())
    at("2026-12-02 09:00")
    office.preview(pupils())
    assert len(rows(RosterImport)) == 1


def test_a_file_that_is_no_roster_is_refused_in_words(office, rows) -> None:
    answer = office.upload(("foto.png", b"\x89PNG\r\n\x1a\n" + bytes(200)))
    assert answer.status_code == 422
    assert "foto.png" in answer.text and "Fout: " in answer.text
    answer = office.upload()
    assert answer.status_code == 422
    assert rows(RosterImport) == []


def test_files_of_several_megabytes_may_be_sent_by_the_office_only(office, client_for, school) -> None:
    big = ("groot.csv", b"Roepnaam;Achternaam\n" + b"Sem;Bos\n" * 400_000)
    assert office.upload(big).status_code == 422
    assert Office(client_for(school.anna)).upload(big).status_code in (404, 413)


def test_an_unknown_layout_is_asked_once(office, numbered, rows, school) -> None:
    table = ("lijst.csv", b"Wie;Erbij;Thuis;BSN\nLotte Jansen;kanarie-opmerking;nieuw@x.nl;123456782\n")
    url = office.preview(table)
    assert url.endswith("/mapping")
    page = office.page(url)
    assert "kanarie-opmerking" not in page
    names = re.findall(r'<select name="(column-[0-9a-f]+-\d+)"', page)
    assert len(names) == 3
    wrong = office.upload(table, to=url, **{names[2]: "guardian1.email"})
    assert wrong.status_code == 422
    said = {names[0]: "pupil.name", names[2]: "guardian1.email"}
    answer = office.upload(table, to=url, **said)
    assert answer.status_code == 303
    assert office.accept(answer.location).status_code == 303
    assert "nieuw@x.nl" in [user.email for user in rows(User)]
    assert len(rows(TableMapping)) == 1
    assert "BSN" in page and "wordt nooit gelezen" in page
    assert not office.preview(table).endswith("/mapping")


@pytest.mark.parametrize("other", ["Klant;Post\nBram Visser;b@x.nl\n", "Wie;Thuis\nBram Visser;b@x.nl\n"])
def test_a_table_whose_columns_were_named_is_not_left_behind(office, numbered, rows, other: str) -> None:
    """Of another layout, or of the same: a list of each group, say."""
    first, second = ("een.csv", b"Wie;Thuis\nLotte Jansen;l@x.nl\n"), ("twee.csv", other.encode())
    url = office.preview(first, second)
    names = re.findall(r'<select name="(column-[0-9a-f]+-\d+)"', office.page(url))
    said = {name: ("pupil.name", "guardian1.email")[index % 2] for index, name in enumerate(names)}
    alone = office.upload(first, to=url, **said)
    assert alone.status_code == 422
    assert "Kies ook twee.csv" in alone.text and "een.csv" not in alone.text.partition('id="errors"')[2][:600]
    assert "pupil.name" in re.findall(r'<option value="([a-z0-9.]+)" selected', alone.text)
    answer = office.upload(first, second, to=url, **said)
    assert answer.status_code == 303
    assert office.accept(answer.location).status_code == 303
    assert "l@x.nl" in [user.email for user in rows(User)]


def test_what_may_not_be_read_is_kept_nowhere(office, app, rows, caplog) -> None:
    made = export(30, 50)
    made.bsn = True
    url = office.preview(("EDEX.XML", made.edexml()), ("ouders.csv", made.guardians()))
    page = office.page(url)
    with app.app_context():
        kept = repr([load(one.rows) for one in db.session.scalars(select(RosterImport))])
    office.accept(url)
    everything = page + kept + caplog.text
    for model in (Pupil, User, Group, Guardianship, AuditEntry, OutgoingMessage, RosterImport):
        everything += repr([vars(row) for row in rows(model)])
    for canary in CANARIES:
        assert canary not in everything


def test_a_whole_school_has_boxes_for_the_first_and_one_for_the_rest(office, rows) -> None:
    made = export(120, 200)
    url = office.preview(("EDEX.XML", made.edexml()), ("ouders.csv", made.guardians()))
    page = office.page(url)
    assert page.count('name="on" value="new-') == 40
    assert "en nog 80" in page
    listed = office.page(f"{url}/rows/new")
    assert listed.count("<tr>") == 101
    sent = office.form(page)
    sent["rest"] = []
    office.client.post(f"{url}/acceptance", data=sent)
    assert len([pupil for pupil in rows(Pupil) if pupil.key]) == 40


def test_whatever_a_form_holds_it_breaks_nothing(office, numbered, rows) -> None:
    url = office.preview(pupils(extra="105;Mila;Bos;1-2-2018;6"))
    revision = office.form(office.page(url))["revision"]
    for junk in (
        {},
        {"revision": "x"},
        {"revision": "9" * 5000},
        {"revision": revision, "leaving": "9" * 5000, "on": ["left-1", "new-9999", "\x00", "x" * 300]},
        {"revision": revision, "rest": ["nowhere"], "choice-0": "one", "who-0-0": "p1", "on": ["end-1"]},
    ):
        answer = office.client.post(f"{url}/acceptance", data=junk)
        assert answer.status_code in (303, 404, 422)
    assert "Mila" not in [pupil.given_name for pupil in rows(Pupil)]
    assert office.client.get("/school/import/999999").status_code == 404
    assert office.client.get(f"{url}/rows/nowhere").status_code == 404


def test_who_comes_back_to_a_child_hides_as_before(office, numbered, rows, school) -> None:
    daan = next(row for row in rows(Guardianship) if row.user_id == school.daan.id)
    assert (
        office.client.post(
            f"/school/guardianships/{daan.id}/revocation", data={"reason": "Op verzoek."}
        ).status_code
        == 303
    )
    url = office.preview(guardians("101;Bram Visser;Daan Visser;daan@lindeboog.example;;;"))
    sent = office.form(page := office.page(url))
    sent["on"] = [*sent["on"], *re.findall(r'name="on" value="(link-[^"]+|again-[^"]+)"', page)]
    assert office.client.post(f"{url}/acceptance", data=sent).status_code == 303
    was, again = sorted(
        (row for row in rows(Guardianship) if row.user_id == school.daan.id), key=lambda r: r.id
    )
    assert (was.hidden_at, again.hidden_at, again.revoked_at) == (None, daan.hidden_at, None)
