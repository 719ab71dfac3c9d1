"""A member of the office who is a guardian too, with everything about the other guardian marked."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from portal import clock
from portal.domain.arrangement_history import note
from portal.extensions import db, start_writing
from portal.models.accounts import Invitation, StaffMember, User
from portal.models.arrangements import Barring, InformationRequest, Release
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Guardianship, Membership, Pupil
from tests.accounts.conftest import change, do, mailed  # noqa: F401
from tests.cast import PASSWORD_HASH, Cast
from tests.clients import FormClient

MARK = "Qzxwvk"
"""Stands in everything that is Ruud's, and in no random token by chance."""


@dataclass(frozen=True)
class Somebody:
    id: int


@dataclass(frozen=True)
class Family:
    """Olga of the office and Ruud are guardians of Pim; Ruud and Wilma of Kees. `numbers` are of rows."""

    olga: Somebody
    ruud: Somebody
    wilma: Somebody
    pim: int
    kees: int
    olgas: int
    ruuds: int
    request: int
    release: int
    barring: int


def make_family(school: Cast, hidden: bool = True, login: bool = True, marked: bool = True) -> Family:
    """Put the family into the school, in the open transaction."""
    now = clock.now()

    def add(thing):
        db.session.add(thing)
        db.session.flush()
        return thing

    def adult(given, surname, **values):
        return add(
            User(given_name=given, surname=surname, sort_key=surname.lower(), created_at=now, **values)
        )

    def pupil(given):
        one = add(Pupil(given_name=given, surname="Dam", sort_key=f"dam {given.lower()}", created_at=now))
        add(Membership(pupil_id=one.id, group_id=school.group_6, home=True, started_on=clock.today()))
        return one

    def guards(user, child, seat, **values):
        return add(Guardianship(user_id=user.id, pupil_id=child.id, seat=seat, created_at=now, **values))

    olga = adult("Olga", "Dam", email="olga@lindeboog.example", password_hash=PASSWORD_HASH, activated_at=now)
    add(StaffMember(user_id=olga.id, role="admin", called="Olga"))
    word = MARK if marked else "Other"
    ruud = adult(
        f"Ruud{word}",
        f"{word}Prins",
        email=f"ruud.{word.lower()}@lindeboog.example",
        phone="06 0000 7777" if marked else "06 0000 8888",
        organisation=f"{word}huis",
        language="nl",
        activated_at=now if login else None,
    )
    add(StaffMember(user_id=ruud.id, role="teacher", called="", left_at=None if login else now))
    wilma = adult("Wilma", "Roos", email="wilma@lindeboog.example", activated_at=now)
    pim, kees = pupil("Pim"), pupil("Kees")
    olgas = guards(olga, pim, 1, relation="moeder")
    ruuds = guards(
        ruud,
        pim,
        2,
        relation=f"{word}vader",
        has_authority=login,
        hidden_at=now if hidden else None,
        hiding_locked_at=now if hidden and login else None,
    )
    guards(ruud, kees, 1, relation=f"{word}vader")
    guards(wilma, kees, 2)
    request = add(
        InformationRequest(
            pupil_id=pim.id, asked_by=ruud.id, asked_at=now, place=1, question=f"{word} vraagt"
        )
    )
    release = add(
        Release(
            pupil_id=pim.id,
            user_id=ruud.id,
            title=f"{word}stuk",
            text=word,
            released_by=school.otto.id,
            released_at=now,
        )
    )
    barring = add(Barring(pupil_id=pim.id, user_id=school.dora.id, reason=f"{word} reden", barred_at=now))
    note(pim.id, ruud.id, "no_authority", f"{word} reden", None, now)
    note(kees.id, ruud.id, "authority", f"{word} reden", None, now)
    if not login:
        add(
            Invitation(
                user_id=ruud.id,
                nonce="n",
                token_hash=f"{word}hash",
                created_at=now,
                expires_at=now.replace(year=2030),
            )
        )
    add(
        OutgoingMessage(
            kind="invitation",
            user_id=ruud.id,
            message_id=f"<{word}@x>",
            created_at=now,
            due_at=now,
            sent_at=now,
            failed_at=None if login else now,
            failure="" if login else "5.1.1",
        )
    )
    return Family(
        Somebody(olga.id),
        Somebody(ruud.id),
        Somebody(wilma.id),
        pim.id,
        kees.id,
        olgas.id,
        ruuds.id,
        request.id,
        release.id,
        barring.id,
    )


@pytest.fixture
def family(app, school) -> Family:
    """The family, in the school of the cast."""
    with app.app_context():
        start_writing()
        made = make_family(school)
        db.session.commit()
    return made


@pytest.fixture
def office(client_for: Callable[..., FormClient], school: Cast) -> FormClient:
    """Otto of the office."""
    return client_for(school.otto)


@pytest.fixture
def place(rows) -> Callable[[object, object], Guardianship]:
    """The place of somebody beside a child now: `place(school.anna, school.bram)`."""

    def find(person, pupil):
        return next(
            one
            for one in rows(Guardianship)
            if one.user_id == person.id and one.pupil_id == pupil.id and one.revoked_at is None
        )

    return find
