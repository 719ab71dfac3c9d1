"""Threads that ask for the columns of one alias together all get them (decision 048)."""

import sys
from threading import Barrier, Thread

import pytest
from sqlalchemy import inspect
from sqlalchemy.orm import aliased

from portal.aliases import look_up_aliases, shared_aliases
from portal.models.roster import Pupil

THREADS, TRIALS = 6, 40


def columns(alias):
    return [attribute.key for attribute in inspect(alias).mapper.column_attrs]


def test_every_shared_alias_is_looked_up_when_the_portal_starts(app):
    aliases = list(shared_aliases())
    assert len(aliases) > 30
    forgotten = [(alias, key) for alias in aliases for key in columns(alias) if key not in vars(alias)]
    assert not forgotten


@pytest.fixture
def hasty_threads():
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.filterwarnings("ignore:Did not locate an expression")
def test_threads_that_ask_together_get_the_columns_of_the_alias(hasty_threads, monkeypatch):
    for _ in range(TRIALS):
        alias = aliased(Pupil)
        monkeypatch.setattr("tests.test_aliases.pupil", alias, raising=False)
        monkeypatch.setitem(sys.modules, "portal.of_a_test", sys.modules[__name__])
        look_up_aliases()
        assert found_together(alias) == {inspect(alias).selectable}


def found_together(alias):
    """Return the tables that threads find the columns of an alias in."""
    together, found = Barrier(THREADS), []

    def ask():
        together.wait()
        found.extend(getattr(alias, key).expression.table for key in columns(alias))

    threads = [Thread(target=ask) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return set(found)
