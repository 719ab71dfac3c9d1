"""The pages with everything on them are valid HTML; those of the cast alone are in tests/test_html.py."""

import pytest

from tests.crawler import answers_to_forms, pages
from tests.test_html import none

ON_ONE_DATABASE = pytest.mark.parametrize("engine", ["sqlite"])


@pytest.fixture
def full(app, client_for, school, family, office, change):
    """Everything that can stand on the screens, about Noor and Gert."""
    path = f"/school/pupils/{school.noor.id}"
    gert = client_for(school.gert)
    for number in range(2):
        gert.post(f"/pupils/{school.noor.id}/information/requests/new", data={"question": f"Vraag {number}"})
    office.post(
        f"{path}/releases/new", data={"to": school.gert.id, "title": "Verslag", "text": "Het gaat goed."}
    )
    office.post("/school/information/2", data={"decision": "refuse", "answer": "Om het kind."})
    office.post(f"{path}/barrings/new", data={"who": "other", "surname": "Kuis", "reason": "Verbod."})
    office.post(f"{path}/arrangement/apart", data={"apart": "yes", "reason": "Op verzoek."})
    return path


@ON_ONE_DATABASE
def test_they_are_valid(full, client_for, school, office, nu_check):
    found = list(pages("otto", office, f"{full}/arrangement"))[:60]
    found += answers_to_forms("otto", lambda: client_for(school.otto), found)
    found += pages("gert", client_for(school.gert))
    ours = ("arrangement", "information", "gert", "release", "barring", "hiding", "authority")
    kept = [one for one in found if any(word in one.name for word in ours)]
    assert len(kept) > 15
    complaints = nu_check([(page.name, page.html) for page in kept])
    none([str(complaint) for complaint in complaints if complaint.kind != "info"])
    none([page.name for page in kept if page.html.count("<h1") != 1])
