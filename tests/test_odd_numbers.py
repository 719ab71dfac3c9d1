"""Numbers that no row has, in addresses, queries and forms: a page that says so, never a failure of ours."""

import os
import re

import pytest

from tests.access_table import TABLE
from tests.test_access import subjects

__all__ = ["subjects"]

IN_AN_ADDRESS = [("sqlite", 0), ("sqlite", 2**31), ("sqlite", 10**30), ("postgres", 2**31)]
"""On Postgres what differs there: columns of four and eight bytes."""
ODD = [
    *(("sqlite", odd) for odd in (-(10**30), 10**30, "9" * 5000)),
    *(("postgres", odd) for odd in (2**31, 10**30)),
]
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
EACH = "PROVE_ALL" in os.environ
NOT_ASKED = ("/logout", "/profile/sessions/ending", "/profile/sessions/<int:session_id>/ending")
"""After these nobody is signed in any more."""


@pytest.fixture
def numbers(subjects):
    """The numbers of rows that there are, by the name that they have in an address."""
    return subjects("")


@pytest.fixture
def clients(client_for, school, numbers):
    """A client for each actor; to most routes one of them is let in."""
    return {actor: client_for(getattr(school, actor)) for actor in ACTORS}


def routes():
    """Yield each route with the actors who get further than that there is nothing, or with one."""
    for (method, rule), line in sorted(TABLE.items(), key=lambda item: item[0]):
        if rule not in NOT_ASKED:
            yield method, rule, [actor for actor in ACTORS if actor in line.admitted] or ["anna"]


def path_of(rule, numbers):
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(numbers[found[1]]), rule)


@pytest.mark.parametrize(("engine", "odd"), IN_AN_ADDRESS, ids=lambda odd: str(odd)[:12])
def test_an_odd_number_in_an_address_is_no_failure(clients, numbers, odd):
    odd_numbers = {name: odd if isinstance(value, int) else value for name, value in numbers.items()}
    for method, rule, actors in routes():
        path = path_of(rule, odd_numbers)
        if path != path_of(rule, numbers):
            for actor in actors:
                answer = clients[actor].open(path, method=method)
                assert answer.status_code < 500, (actor, method, path[:99])


@pytest.mark.parametrize(("engine", "odd"), ODD, ids=lambda odd: str(odd)[:12])
def test_an_odd_number_in_a_query_or_a_form_is_no_failure(clients, numbers, engine, odd):
    fields = dict.fromkeys(NUMBERS, str(odd))
    mine = [one for of, one in ODD if of == engine]
    for number, (method, rule, actors) in enumerate(routes()):
        # They take the routes in turns, unless PROVE_ALL=1.
        if not EACH and mine[number % len(mine)] != odd:
            continue
        path = path_of(rule, numbers)
        for actor in actors:
            for sent in sent_to(method, rule, fields, odd):
                answer = clients[actor].open(path, method=method, **sent)
                assert answer.status_code < 500, (actor, method, path)


def sent_to(method, rule, fields, odd):
    """Yield the query, or the forms, with the odd number under every name."""
    if method == "GET":
        yield {"query_string": fields}
    else:
        yield {"data": fields | WITH_THEM}
    if rule.endswith(("/attendance", "/sightings")):
        yield {"data": fields | WITH_THEM | {"mark": f"present:{odd}"}}
