"""The pages of a pupil of whom much is kept: valid, usable by everybody, and fit for a small phone."""

import pytest

from tests.crawler import Answer
from tests.setting_back import contents

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


@pytest.fixture
def answers_for(client_for, filled):
    """Returns what somebody sees."""

    def look(who) -> list[Answer]:
        client = client_for(getattr(filled, who))
        seen = [(path, client.get(path)) for path in addresses(filled, who)]
        return [Answer(f"{who} {path}", path, answer.status_code, answer.text) for path, answer in seen]

    return look


@ONE
def test_they_are_valid_html(answers_for, nu_check):
    answers = [answer for who in PAGES for answer in answers_for(who)]
    assert [answer.name for answer in answers if answer.status != 200] == []
    complaints = nu_check([(answer.name, answer.html) for answer in answers])
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
def test_they_are_accessible_and_fit(answers_for, faults_of, who):
    wrong = faults_of(answers_for(who))
    assert not wrong, "\n".join(wrong)
