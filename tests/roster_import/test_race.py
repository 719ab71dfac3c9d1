"""Two people who accept at once: one of them is told that the roster has changed; nothing interleaves."""

import threading
from collections.abc import Callable

from flask import Flask

from portal.models.audit import AuditEntry
from portal.models.roster import Guardianship, Pupil
from tests.clients import FormClient
from tests.roster_import.conftest import Office
from tests.roster_import.export import export


def at_once(app: Flask, work: list[Callable[[], None]]) -> None:
    """Run everything at the same moment, each in a thread of its own."""
    gate = threading.Barrier(len(work))
    failures: list[BaseException] = []

    def run(one: Callable[[], None]) -> None:
        try:
            gate.wait(20)
            one()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []


def test_two_people_accepting_at_once_cannot_interleave(
    app: Flask, school, client_for: Callable[..., FormClient], rows
) -> None:
    offices = [Office(client_for(person)) for person in (school.otto, school.hedy, school.bea)]
    made = [export(40, 70, seed=seed) for seed in (11, 12, 13)]
    urls, forms = [], []
    for one, files in zip(offices, made, strict=True):
        url = one.preview(("EDEX.XML", files.edexml()), ("ouders.csv", files.guardians()))
        urls.append(url)
        forms.append(one.form(one.page(url)))
    answers: list[tuple[int, str]] = []

    def accept(index: int) -> Callable[[], None]:
        def post() -> None:
            answer = offices[index].client.post(f"{urls[index]}/acceptance", data=forms[index])
            answers.append((answer.status_code, answer.location))

        return post

    at_once(app, [accept(index) for index in range(3)])
    assert [status for status, _ in answers] == [303] * 3
    assert sorted(location == "/school/pupils" for _, location in answers) == [False, False, True]
    assert len([pupil for pupil in rows(Pupil) if pupil.key]) == 40
    assert len([entry for entry in rows(AuditEntry) if entry.verb == "import_roster"]) == 1


def test_one_preview_accepted_twice_is_read_in_once(app, school, client_for, rows) -> None:
    offices = [Office(client_for(school.otto)), Office(client_for(school.otto))]
    made = export(30, 50, seed=21)
    url = offices[0].preview(("EDEX.XML", made.edexml()), ("ouders.csv", made.guardians()))
    form = offices[0].form(offices[0].page(url))
    codes: list[int] = []
    at_once(
        app,
        [
            lambda one=one: codes.append(one.client.post(f"{url}/acceptance", data=form).status_code)
            for one in offices
        ],
    )
    assert sorted(codes) in ([303, 303], [303, 404])
    assert len([pupil for pupil in rows(Pupil) if pupil.key]) == 30
    pairs = [(row.pupil_id, row.user_id) for row in rows(Guardianship) if row.revoked_at is None]
    assert len(pairs) == len(set(pairs))
