"""/photos/<photo>: the page, the bytes, and what a parent asks about it."""

import re

import pytest

from portal.models.albums import Photo, PhotoRequest
from portal.models.roster import Guardianship
from portal.worker import run_jobs
from tests.albums.pictures import jpeg, many


@pytest.fixture
def photo(filled) -> int:
    return filled(jpeg())[0]


def test_the_page_leads_to_the_one_before_and_after(client_for, school, filled):
    first, middle, last = filled(*many(3))
    anna = client_for(school.anna)
    page = anna.get(f"/photos/{middle}").text
    assert "Foto 2 van 3" in page
    assert f'rel="prev" href="/photos/{first}"' in page
    assert f'rel="next" href="/photos/{last}"' in page
    assert 'rel="prev"' not in anna.get(f"/photos/{first}").text
    assert 'rel="next"' not in anna.get(f"/photos/{last}").text


@pytest.mark.parametrize(("size", "kind"), [("picture", "image/jpeg"), ("thumbnail", "image/webp")])
def test_no_cache_keeps_the_bytes_and_no_other_site_uses_them(client_for, school, photo, size, kind):
    answer = client_for(school.anna).get(f"/photos/{photo}/{size}")
    assert answer.status_code == 200
    assert answer.content_type == kind
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Content-Disposition"].startswith("inline; filename=kinderboerderij-")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_download_has_a_name_that_harms_nothing(client_for, tess, school, album, photo):
    tess.post(f"/albums/{album}/details", data={"title": "../\"Über' <b>\u202efeest; x=y"})
    answer = client_for(school.anna).get(f"/photos/{photo}/picture?download=1")
    found = answer.headers["Content-Disposition"]
    assert re.fullmatch(rf"attachment; filename=[a-z0-9-]+-{photo}\.jpg", found), found
    tess.post(f"/albums/{album}/details", data={"title": "Виктория"})
    answer = client_for(school.anna).get(f"/photos/{photo}/picture?download=1")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=foto-{photo}.jpg"


def test_without_login_or_by_a_number_that_is_none_there_is_nothing(anonymous, client_for, school, photo):
    for size in ("picture", "thumbnail"):
        answer = anonymous.get(f"/photos/{photo}/{size}")
        assert answer.status_code == 303
        assert answer.location.startswith("/login")
        assert client_for(school.anna).get(f"/photos/{2**40}/{size}").status_code == 404
    assert client_for(school.anna).get(f"/photos/{2**40}").status_code == 404
    assert client_for(school.tess).get(f"/albums/{2**40}").status_code == 404


def test_what_came_in_is_shown_to_nobody(tess, send, rows):
    send(tess, jpeg())
    number = rows(Photo)[0].id
    for path in ("", "/picture", "/thumbnail", "/incoming"):
        assert tess.get(f"/photos/{number}{path}").status_code == 404


def test_a_parent_asks_and_the_teacher_takes_it_away(app, client_for, tess, school, album, photo, rows):
    daan = client_for(school.daan)
    answer = daan.post(f"/photos/{photo}/request", data={"reason": "Liever niet."})
    assert answer.location == f"/photos/{photo}"
    assert "U hebt school gevraagd" in daan.get(answer.location).text
    assert "Een ouder vraagt om een foto weg te halen" in tess.get(f"/albums/{album}").text
    assert "1 verzoek" in tess.get(f"/groups/{school.group_34}/albums").text
    page = tess.get(f"/photos/{photo}").text
    assert "Daan Visser vraagt om deze foto weg te halen." in page
    assert "Liever niet." in page
    tess.post(f"/albums/{album}/photos/removal", data={"photo": photo, "sure": 1})
    assert daan.get(f"/photos/{photo}").status_code == 404
    assert "Een ouder vraagt" not in tess.get(f"/albums/{album}").text
    for reader in (tess, daan):
        assert "1 verzoek" not in reader.get(f"/groups/{school.group_34}/albums").text
    with app.app_context():
        run_jobs()
    assert rows(Photo) == rows(PhotoRequest) == []


def test_the_other_parent_sees_nothing_of_a_request(client_for, school, album, photo):
    anna = client_for(school.anna)
    addresses = [f"/photos/{photo}", f"/albums/{album}", f"/groups/{school.group_34}/albums"]
    before = [without_token(anna.get(address).text) for address in addresses]
    client_for(school.daan).post(f"/photos/{photo}/request", data={"reason": "Zeg het niet."})
    assert [without_token(anna.get(address).text) for address in addresses] == before


def without_token(page: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]*"', "", page)


def test_who_works_at_school_sees_no_request_of_the_other_guardian(
    app, client_for, tess, school, album, photo, change
):
    """Tim teaches 3/4; here he is a guardian of Bram beside Anna."""
    change(Guardianship, Guardianship.user_id == school.daan.id, user_id=school.tim.id)
    tim = client_for(school.tim)
    addresses = [f"/photos/{photo}", f"/albums/{album}", f"/groups/{school.group_34}/albums"]
    before = [without_token(tim.get(address).text) for address in addresses]
    client_for(school.anna).post(f"/photos/{photo}/request", data={})
    assert [without_token(tim.get(address).text) for address in addresses] == before
    assert "Anna Bakker vraagt" in tess.get(f"/photos/{photo}").text


def test_a_photo_may_stay_and_who_asked_reads_that_and_may_ask_again(client_for, tess, school, photo, rows):
    anna = client_for(school.anna)
    anna.post(f"/photos/{photo}/request", data={})
    tess.post(f"/photos/{photo}/answer")
    assert rows(PhotoRequest)[0].answered_by == school.tess.id
    assert "laten staan" in anna.get(f"/photos/{photo}").text
    assert "vraagt om deze foto" not in tess.get(f"/photos/{photo}").text
    anna.post(f"/photos/{photo}/request", data={"reason": "Toch graag."})
    [request] = rows(PhotoRequest)
    assert (request.answered_at, request.reason) == (None, "Toch graag.")
    anna.post(f"/photos/{photo}/request", data={"state": "withdrawn"})
    assert rows(PhotoRequest) == []


def test_too_long_a_reason_stays_to_be_made_shorter(client_for, school, photo, rows):
    answer = client_for(school.anna).post(f"/photos/{photo}/request", data={"reason": "y" * 201})
    assert answer.status_code == 422
    assert "y" * 201 in answer.text
    assert rows(PhotoRequest) == []


def test_only_a_parent_of_the_group_asks(client_for, school, photo):
    for person in (school.carl, school.gert, school.yara, school.tess, school.otto):
        assert client_for(person).post(f"/photos/{photo}/request", data={}).status_code == 404
