"""Numbers that no row has, in addresses, queries and forms: a page that says so, never a failure of ours."""

import re

import pytest

from tests.test_access import TABLE, subjects

__all__ = ["subjects"]

IN_AN_ADDRESS = (0, 2**31, 10**30)
ODD = (-(10**30), 10**30, "9" * 5000)
NUMBERS = (
    *("added", "also", "extra", "given_by", "group", "home", "hue", "left", "like", "page", "photo"),
    *("minutes", "position", "pupil", "slot", "talk", "teacher", "to", "undo", "user", "was", "who"),
    *("year", "year_group"),
)
WITH_THEM = {
    **{"audience": "group", "days": "one", "field": "line", "hidden": "yes", "kind": "sick"},
    **{"name": "Oma", "phone": "06 5550 1234", "state": "present"},
}
ACTORS = ("anna", "tess", "bea")


def addresses(numbers):
    return [
        (method, re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(numbers[found[1]]), rule))
        for method, rule in sorted(TABLE)
        if rule not in ("/logout", "/profile/sessions/ending", "/profile/sessions/<int:session_id>/ending")
    ]


@pytest.mark.parametrize("actor", ACTORS)
def test_an_odd_number_in_an_address_is_no_failure(client_for, school, subjects, actor):
    numbers = subjects("")
    client = client_for(getattr(school, actor))
    for odd in IN_AN_ADDRESS:
        odd_numbers = {name: odd if isinstance(value, int) else value for name, value in numbers.items()}
        for method, path in set(addresses(odd_numbers)) - set(addresses(numbers)):
            assert client.open(path, method=method).status_code < 500, (method, path[:99])


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("odd", ODD, ids=lambda odd: str(odd)[:12])
def test_an_odd_number_in_a_query_or_a_form_is_no_failure(client_for, school, subjects, actor, odd):
    numbers = subjects("")
    client = client_for(getattr(school, actor))
    fields = dict.fromkeys(NUMBERS, str(odd))
    for method, path in addresses(numbers):
        if method == "GET":
            answers = [client.get(path, query_string=fields)]
        else:
            answers = [client.post(path, data=fields | WITH_THEM | more) for more in mark_or_not(odd)]
        for answer in answers:
            assert answer.status_code < 500, (method, path)


def mark_or_not(odd):
    return {}, {"mark": f"present:{odd}"}
