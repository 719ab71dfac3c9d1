"""Every scope and predicate of the policy holds exactly what it should, for everybody."""

from portal.extensions import db
from tests.privacy import predicates, scopes


def none(wrong: list[str]) -> None:
    assert not wrong, "\n".join(wrong)


def test_every_scope_and_predicate_says_here_what_it_holds():
    assert scopes.scopes().keys() ^ (scopes.SCOPES.keys() | scopes.WITH_MORE.keys()) == set()
    assert predicates.offered() ^ (predicates.PREDICATES.keys() | predicates.ASKED_ELSEWHERE) == set()


def test_every_scope_holds_what_it_should(app, filled, databases):
    should = databases.once(f"scopes-{filled.name}", lambda: scopes.expected(filled))
    with app.app_context():
        wrong = list(scopes.wrong(scopes.viewers(filled), should, db.session.connection()))
        db.session.rollback()
    none(wrong)


def test_every_predicate_answers_what_it_should(at):
    at("2026-11-24 07:55")
    none(list(predicates.wrong()))


def test_every_loader_gives_only_what_is_there_for_the_reader(app, filled, tested_app):
    predicates.give_tokens(filled)
    tested_app.set_back(filled.rows)
    none(list(predicates.wrong_loaders(app, filled)))
