"""What a page weighs on a bad network, compressed as the portal sends it, with five hundred pupils."""

import re

import pytest

FIRST_VISIT = 60_000
NEXT_PAGE = 12_000
STATIC = re.compile(r'(?:href|src)="(/static/[^"#]+|/school\.css)')


def weight(client, path: str) -> int:
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    return len(answer.data)


@pytest.fixture
def large_school(tested_app, school, many_pupils):
    tested_app.to("large", lambda: many_pupils(500))
    return school


@pytest.mark.parametrize(
    ("person", "path"),
    [
        ("carl", "/"),
        ("carl", "/absence/report"),
        ("carl", "/absence"),
        ("carl", "/profile"),
        ("otto", "/staff/today"),
        ("otto", "/school/pupils"),
        ("otto", "/school/accounts"),
        ("otto", "/school/groups"),
        ("otto", "/school/settings"),
        ("otto", "/school/calendar"),
    ],
)
def test_a_page_weighs_twelve_kilobytes_at_most(client_for, large_school, person, path):
    assert weight(client_for(getattr(large_school, person)), path) <= NEXT_PAGE


@pytest.mark.parametrize(("person", "path"), [("", "/login"), ("carl", "/"), ("otto", "/staff/today")])
def test_a_first_visit_weighs_sixty_kilobytes_at_most(client_for, large_school, person, path):
    client = client_for(getattr(large_school, person) if person else None)
    page = client.get(path).text
    style = client.get(re.search(r'href="(/static/portal\.css[^"]*)"', page).group(1)).text
    files = set(STATIC.findall(page)) | {
        f"/static/{name.lstrip('./')}" for name in re.findall(r'url\("?(fonts/[^")]+)', style)
    }
    assert any(".woff2" in name for name in files)
    assert weight(client, path) + sum(weight(client, name) for name in files) <= FIRST_VISIT


def test_no_page_asks_anything_of_another_host(client_for, school):
    pages = [
        (None, "/login"),
        (school.anna, "/"),
        (school.anna, "/absence/report"),
        (school.tess, "/staff/today"),
        (school.otto, "/school/pupils"),
    ]
    for person, path in pages:
        page = client_for(person).get(path).text
        assert not re.findall(r'(?:src|href|action)="(?:https?:)?//[^"]*"', page)
