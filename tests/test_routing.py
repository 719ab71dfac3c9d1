"""How the portal makes its addresses."""

import pytest
from werkzeug.routing import Rule

from portal import create_app


@pytest.fixture
def compiled(monkeypatch):
    """The functions that Werkzeug compiled since the beginning of the test."""
    made = []
    compile_ = Rule._get_func_code

    def note(code, name):
        made.append(name)
        return compile_(code, name)

    monkeypatch.setattr(Rule, "_get_func_code", staticmethod(note))
    return made


@pytest.fixture
def made(compiled):
    """An app that was just made."""
    return create_app({"TESTING": True, "SECRET_KEY": "x", "DATABASE_URL": "sqlite://"})


def test_what_writes_an_address_is_compiled_when_there_is_one_to_write(made, compiled):
    # Flask's own rule of static files is made before anybody can say how.
    assert len(compiled) <= 2
    compiled.clear()
    with made.test_request_context():
        for _ in range(2):
            assert made.url_for("absence.show_absence", absence_id=7) == "/absence/7"
            assert made.url_for("absence.show_absence", absence_id=7, back="x") == "/absence/7?back=x"
    assert len(compiled) == 1


def test_every_rule_writes_what_it_reads(made):
    samples = {"IntegerConverter": 7, "UnicodeConverter": "abc", "PathConverter": "a/b"}
    adapter = made.url_map.bind("localhost")
    for rule in made.url_map.iter_rules():
        method = "GET" if "GET" in rule.methods else "POST"
        values = {name: samples[type(rule._converters[name]).__name__] for name in rule.arguments}
        address = adapter.build(rule.endpoint, values, method)
        assert adapter.match(address, method) == (rule.endpoint, values)
