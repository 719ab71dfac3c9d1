"""The pages on which one chooses how to get mail are valid HTML, empty, filled in and refused."""

import pytest

from portal.domain import letter_digests


@pytest.mark.parametrize("engine", ["sqlite"])
def test_every_page_is_valid_html(app, client_for, anonymous, school, nu_check):
    anna, otto = client_for(school.anna), client_for(school.otto)
    with app.app_context():
        link = letter_digests.stop_link(school.anna.id, school.anna.email)
    path = "/letters/digest/" + link.rpartition("/")[2]
    night = {"quiet": "y", "quiet_from": "16:00", "quiet_until": "18:00"}
    refused = anna.post("/profile/notices", data={"letters": "digest", "digest_hour": "17"} | night)
    assert refused.status_code == 422
    pages = [
        ("to choose", anna.get("/profile/notices").text),
        ("refused", refused.text),
        ("as staff", otto.get("/profile/notices").text),
        ("details", anna.get("/profile").text),
        ("to stop", anonymous.get(path).text),
    ]
    anonymous.post(path)
    pages += [("stopped", anonymous.get(path).text), ("stopped, in", anna.get(path).text)]
    assert nu_check(pages) == []
