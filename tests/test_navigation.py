"""The short way to an address is the address that Flask would make."""

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
