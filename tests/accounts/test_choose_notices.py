"""GET and POST /profile/notices: how somebody wants to be told of letters."""

from datetime import time

import pytest

from portal.models.notices import NoticeChoice

DIGEST = {"letters": "digest", "digest_hour": "17"}
NIGHT = {"quiet": "y", "quiet_from": "21:00", "quiet_until": "07:00"}


@pytest.fixture
def choose(client_for, school):
    def post(person=school.anna, **data):
        return client_for(person).post("/profile/notices", data=data)

    return post


def test_who_chose_nothing_is_told_at_once(client_for, school, rows):
    page = client_for(school.anna).get("/profile/notices").text
    assert 'value="at_once" checked' in page
    assert "Meteen" in client_for(school.anna).get("/profile").text
    assert rows(NoticeChoice) == []


def test_one_mail_a_day_and_quiet_hours(choose, client_for, school, rows):
    assert choose(**DIGEST, **NIGHT).status_code == 303
    [row] = rows(NoticeChoice)
    assert (row.user_id, row.letters, row.digest_hour) == (school.anna.id, "digest", 17)
    assert (row.quiet_from, row.quiet_until, row.by_push) == (time(21), time(7), False)
    profile = client_for(school.anna).get("/profile").text
    assert "Eén mail per dag, om 17.00 uur" in profile
    assert "Rust van 21.00 tot 7.00 uur" in profile
    page = client_for(school.anna).get("/profile/notices").text
    assert 'value="digest" checked' in page
    assert 'value="21:00"' in page


def test_another_choice_takes_its_place(choose, rows):
    choose(**DIGEST, **NIGHT)
    choose(letters="portal", digest_hour="8")
    [row] = rows(NoticeChoice)
    assert (row.letters, row.digest_hour, row.quiet_from, row.quiet_until) == ("portal", 8, None, None)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"letters": "sometimes", "digest_hour": "17"}, ""),
        ({"letters": "digest", "digest_hour": "3"}, ""),
        ({"letters": "digest", "digest_hour": "x"}, ""),
        (DIGEST | {"quiet": "y", "quiet_from": "", "quiet_until": "07:00"}, "Vul in van wanneer"),
        (DIGEST | {"quiet": "y", "quiet_from": "21:00", "quiet_until": " "}, "Vul in van wanneer"),
        (DIGEST | {"quiet": "y", "quiet_from": "9", "quiet_until": "07:00"}, "Typ de tijd als 8.30."),
        (DIGEST | {"quiet": "y", "quiet_from": "21:00", "quiet_until": "21:00"}, "Deze tijden zijn gelijk."),
        (DIGEST | {"quiet": "y", "quiet_from": "16:00", "quiet_until": "18:00"}, "Dit valt in uw rusttijd."),
    ],
)
def test_what_cannot_be_is_asked_again(choose, rows, data, sentence):
    page = choose(**data)
    assert page.status_code == 422
    assert sentence in page.text
    assert rows(NoticeChoice) == []


def test_times_that_are_not_used_may_be_anything(choose, rows):
    assert choose(letters="at_once", digest_hour="17", quiet_from="9", quiet_until="").status_code == 303
    assert rows(NoticeChoice)[0].quiet_from is None


def test_who_is_no_guardian_has_only_the_quiet_hours(choose, client_for, school, rows):
    page = client_for(school.otto).get("/profile/notices").text
    assert 'name="letters"' not in page
    assert choose(school.otto, **NIGHT, letters="portal").status_code == 303
    [row] = rows(NoticeChoice)
    assert (row.letters, row.quiet_from) == ("at_once", time(21))


def test_push_is_not_offered_before_there_is_an_app(client_for, school):
    page = client_for(school.anna).get("/profile/notices").text.lower()
    assert "push" not in page


def test_the_other_guardian_sees_nothing_of_it(choose, client_for, school):
    before = client_for(school.daan).get("/profile/notices").text
    choose(school.anna, **DIGEST, **NIGHT)
    after = client_for(school.daan).get("/profile/notices").text
    assert [line for line in before.splitlines() if "csrf" not in line] == [
        line for line in after.splitlines() if "csrf" not in line
    ]
