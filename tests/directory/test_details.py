"""/profile/address, /profile/spoken and /profile/line: what a guardian may add to be reached by."""

import pytest

from portal.models.audit import AuditEntry
from portal.models.directory import ContactDetails, SharedField

ADDRESS = {"street": "Merelplein 8", "postcode": "3599xx", "place": "Lindedorp"}


@pytest.fixture
def anna(client_for, school):
    return client_for(school.anna)


def kept(rows):
    (details,) = rows(ContactDetails)
    return details


class TestAddress:
    def test_it_is_kept_and_stands_on_the_page(self, anna, school, rows):
        answer = anna.post("/profile/address", data=ADDRESS)
        assert (answer.status_code, answer.location) == (303, "/profile")
        details = kept(rows)
        assert (details.user_id, details.street, details.postcode, details.place) == (
            school.anna.id,
            "Merelplein 8",
            "3599 XX",
            "Lindedorp",
        )
        assert "Merelplein 8, 3599 XX Lindedorp" in anna.get("/profile").text
        assert 'value="3599 XX"' in anna.get("/profile/address").text
        assert [entry.verb for entry in rows(AuditEntry)] == ["changed_contact"]

    @pytest.mark.parametrize(
        ("typed", "read"),
        [
            ("1234ab", "1234 AB"),
            (" 1234  aB ", "1234 AB"),
            ("2000", "2000"),
            ("47533", "47533"),
            ("B-2000", "B-2000"),
            ("", ""),
        ],
    )
    def test_dutch_postcodes_are_kept_one_way_and_others_as_they_are(self, anna, rows, typed, read):
        anna.post("/profile/address", data=ADDRESS | {"postcode": typed})
        assert kept(rows).postcode == read

    @pytest.mark.parametrize("typed", ["0123 AB", "1234 SA", "1234 SD", "1234 SS", "1234 é", "x" * 40, "?"])
    def test_a_postcode_that_cannot_be_is_refused_at_the_field(self, anna, rows, typed):
        answer = anna.post("/profile/address", data=ADDRESS | {"postcode": typed})
        assert answer.status_code == 422
        assert "Deze postcode bestaat niet." in answer.text
        assert 'value="Merelplein 8"' in answer.text
        assert rows(ContactDetails) == []

    def test_a_place_without_a_street_is_refused(self, anna, rows):
        answer = anna.post("/profile/address", data={"street": "", "postcode": "", "place": "Lindedorp"})
        assert answer.status_code == 422
        assert "Vul ook straat en huisnummer in" in answer.text

    def test_emptied_it_is_shown_to_nobody_and_not_by_itself_again(self, anna, scene, school, rows, listed):
        anna.post("/profile/address", data=ADDRESS)
        anna.post("/profile/visibility", data={"field": "address", "audience": "group"})
        assert "Merelplein" in listed(school.carl, school.group_6)
        anna.post("/profile/address", data={"street": "", "postcode": "", "place": ""})
        assert rows(SharedField) == []
        anna.post("/profile/address", data=ADDRESS)
        assert "Merelplein" not in listed(school.carl, school.group_6)

    def test_a_correction_stays_shown(self, anna, school, listed):
        anna.post("/profile/address", data=ADDRESS)
        anna.post("/profile/visibility", data={"field": "address", "audience": "group"})
        anna.post("/profile/address", data=ADDRESS | {"street": "Vinklaan 1"})
        assert "Vinklaan 1" in listed(school.carl, school.group_6)


@pytest.mark.parametrize(("field", "longest"), [("spoken", 100), ("line", 140)])
class TestWords:
    def test_they_are_kept_on_one_line(self, anna, rows, field, longest):
        anna.post(f"/profile/{field}", data={field: "  Nederlands,\n Türkçe \u202e "})
        assert getattr(kept(rows), field) == "Nederlands, Türkçe"
        assert "Nederlands, Türkçe" in anna.get("/profile").text

    def test_they_are_not_endless(self, anna, rows, field, longest):
        answer = anna.post(f"/profile/{field}", data={field: "x" * (longest + 1)})
        assert answer.status_code == 422
        assert f"Gebruik hoogstens {longest} tekens." in answer.text
        assert rows(ContactDetails) == []

    def test_the_rest_stays_as_it_was(self, anna, rows, field, longest):
        anna.post("/profile/address", data=ADDRESS)
        anna.post(f"/profile/{field}", data={field: "Hallo", "street": "Elders 1", "user_id": "1"})
        assert kept(rows).street == "Merelplein 8"

    def test_emptied_they_are_shown_to_nobody(self, anna, rows, field, longest):
        anna.post(f"/profile/{field}", data={field: "Hallo"})
        anna.post("/profile/visibility", data={"field": field, "audience": "group"})
        anna.post("/profile/visibility", data={"field": "email", "audience": "group"})
        anna.post(f"/profile/{field}", data={field: ""})
        assert {row.field for row in rows(SharedField)} == {"email"}


@pytest.mark.parametrize("page", ["address", "spoken", "line"])
def test_nothing_where_nothing_was_is_not_kept(anna, rows, page):
    fields = ("street", "postcode", "place") if page == "address" else (page,)
    answer = anna.post(f"/profile/{page}", data=dict.fromkeys(fields, " "))
    assert answer.status_code == 422
    assert "Er is nog niets ingevuld" in answer.text
    assert f'id="{fields[0]}-error"' in answer.text
    assert rows(ContactDetails) == []


def test_what_was_there_can_be_taken_away(anna, rows):
    anna.post("/profile/line", data={"line": "Hallo"})
    assert "gegevens zijn bewaard" in anna.get("/profile").text
    assert anna.post("/profile/line", data={"line": ""}).status_code == 303
    assert kept(rows).line == ""
    page = anna.get("/profile").text
    assert "weggehaald" in page and "gegevens zijn bewaard" not in page


class TestSchoolEmpties:
    """What school takes away and fills in again is not shown by itself (R27)."""

    FORM = {"given_name": "Anna", "surname": "Bakker", "email": "anna@lindeboog.example", "language": "nl"}

    def edit(self, client_for, school, **values):
        office, path = client_for(school.otto), f"/school/guardians/{school.anna.id}/details"
        assert office.send_back(path, self.FORM | values).status_code == 303

    def test_a_phone_number(self, client_for, school, scene, rows, listed):
        scene.shows(school.anna, school.group_6, "phone", "email")
        self.edit(client_for, school, phone="")
        assert {row.field for row in rows(SharedField)} == {"email"}
        self.edit(client_for, school, phone="06 1234 5678")
        page = listed(school.carl, school.group_6)
        assert "anna@lindeboog.example" in page and "06 1234 5678" not in page

    def test_an_address(self, client_for, school, scene, rows, listed):
        scene.shows(school.anna, school.group_6, "phone", "email")
        self.edit(client_for, school, email="", phone="06 1234 5678")
        self.edit(client_for, school, email="nieuw@bakker.example", phone="06 1234 5678")
        page = listed(school.carl, school.group_6)
        assert "06 1234 5678" in page and "nieuw@bakker.example" not in page
        assert {row.field for row in rows(SharedField)} == {"phone"}


def test_the_page_with_another_address_says_who_will_see_it(anna, school, scene):
    assert "Geen andere ouder ziet dit" in anna.get("/profile/email").text
    scene.shows(school.anna, school.group_6, "email")
    for page in (anna.get("/profile/email"), anna.post("/profile/email", data={"email": "x"})):
        assert "U deelt dit met de ouders van groep 6" in page.text
