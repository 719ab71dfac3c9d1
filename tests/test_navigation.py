"""The short ways of the menu lead where the long ones would: Flask's address, the reader's own entries."""

import re

import pytest
from flask import url_for

from portal.navigation import address_of


@pytest.mark.parametrize(
    ("endpoint", "values"),
    [
        ("home.show_today", {}),
        ("home.show_today", {"_external": True}),
        ("home.show_today", {"_anchor": "k-1"}),
        ("absence.show_report", {"pupil": 7}),
        ("absence.show_report", {"pupil": [7, 8]}),
        ("absence.show_report", {"pupil": None}),
        ("absence.show_report", {"q": "Ünal & zoon", "page": 2}),
        ("absence.show_absence", {"absence_id": 7}),
        ("absence.show_absence", {"absence_id": 7, "page": 2}),
    ],
)
@pytest.mark.parametrize("root", ["", "/portaal"])
def test_an_address_is_the_one_that_flask_makes(app, engine, endpoint, values, root):
    with app.test_request_context(environ_base={"SCRIPT_NAME": root}):
        for _ in range(2):
            assert address_of(endpoint, **values) == url_for(endpoint, **values)


def test_readers_of_one_page_have_each_their_own_menu(client_for, school):
    for _ in range(2):
        assert menu_of(client_for(school.anna), "/profile") == [
            "Vandaag",
            "Brieven",
            "Ziek melden",
            "Afwezig",
            "Groep",
            "Mijn gegevens*",
        ]
        assert menu_of(client_for(school.gert), "/profile") == ["Vandaag", "Mijn gegevens*"]
        assert menu_of(client_for(school.tess), "/profile") == [
            "Vandaag",
            "Mijn groep",
            "Brieven",
            "Gesprekken",
            "Mijn gegevens*",
        ]


def test_the_menu_says_on_each_page_where_one_is_in_the_language_of_now(client_for, school):
    anna = client_for(school.anna)
    assert menu_of(anna, "/")[0] == "Vandaag*"
    assert menu_of(anna, "/absence/report")[:3] == ["Vandaag", "Brieven", "Ziek melden*"]
    assert menu_of(anna, f"/groups/{school.group_34}")[4] == "Groep*"
    anna.post("/language", data={"language": "en"})
    assert menu_of(anna, "/")[:3] == ["Today*", "Letters", "Report sick"]


def menu_of(client, address):
    """Return the labels of the menu, the current one with a star."""
    entries = re.findall(
        r"<li[^>]*><a href=[^>]*?( aria-current=\"page\")?><span class=\"ico\">.*?</span><span>(.*?)</span>",
        client.get(address).text,
    )
    return [label + ("*" if current else "") for current, label in entries]
