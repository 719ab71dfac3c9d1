"""The pages of a pupil of whom much is kept: valid, usable by everybody, and fit for a small phone."""

import pytest

from tests.browser.looking import bring_axe, faults
from tests.databases import contents

ONE = pytest.mark.parametrize("engine", ["sqlite"])
PAGES = {
    "anna": [
        "/", "/pupils/{bram}", "/pupils/{bram}/requests", "/pupils/{bram}/contacts", "/contacts/1",
        "/pupils/{bram}/care", "/care/1",
    ],
    "tess": [
        "/pupils/{bram}", "/pupils/{bram}/contacts", "/pupils/{bram}/care", "/care/1", "/groups/{group}/trip",
        "/groups/{group}/trip?care=1",
    ],
    "bea": [
        "/care", "/pupils/{bram}", "/pupils/{bram}/care", "/school/requests", "/school/requests/1/refusal",
        "/school/pupils/{bram}/care-readers",
    ],
}  # fmt: skip


def addresses(school, who):
    return [path.format(bram=school.bram.id, group=school.group_34) for path in PAGES[who]]


@ONE
def test_they_are_valid_html(client_for, filled, nu_check):
    answers = [
        (f"{who} {path}", client_for(getattr(filled, who)).get(path))
        for who in PAGES
        for path in addresses(filled, who)
    ]
    assert [name for name, answer in answers if answer.status_code != 200] == []
    complaints = nu_check([(name, answer.text) for name, answer in answers])
    assert [str(one) for one in complaints if one.kind != "info"] == []


@ONE
def test_looking_changes_nothing(client_for, filled, app):
    clients = {who: client_for(getattr(filled, who)) for who in PAGES}
    with app.app_context():
        before = contents()
    for who, client in clients.items():
        for path in addresses(filled, who):
            client.get(path)
    with app.app_context():
        assert contents() == before


@ONE
@pytest.mark.browser
@pytest.mark.parametrize("who", PAGES)
def test_they_are_accessible_and_fit(open_page, filled, who):
    page = open_page(getattr(filled, who), path="")
    bring_axe(page)
    wrong = []
    for number, path in enumerate(addresses(filled, who)):
        page.goto(path)
        wrong += faults(page, path, number)
    assert not wrong, "\n".join(wrong)
