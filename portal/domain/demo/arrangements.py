"""How De Lindeboog deals with its separated parents, and what it told those without authority."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from portal.access import Viewer
from portal.domain import arrangements, releases
from portal.domain.demo.people import Child
from portal.domain.demo.plan import Plan
from portal.domain.releases import Document
from portal.domain.roster import PersonName
from portal.domain.roster_guardians import new_adult
from portal.extensions import db
from portal.models.accounts import User
from portal.models.arrangements import ArrangementEntry
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Guardianship, Pupil

SEPARATED, ALONE, WITHOUT_AUTHORITY = "Elif", "Fenna", 1
DECIDED_AGO, ASKED_AGO = timedelta(days=60), timedelta(days=2)


def write_arrangements(plan: Plan, now: datetime) -> None:
    """Let school deal apart with who hides, and let there be one of everything that the office can decide."""
    office = next(one for one in plan.staff if one.role == "office")
    actor = Viewer(id=office.id, role="office")
    decided = now - DECIDED_AGO
    _deal_apart(
        [child for child in plan.children if all(guard.hides for guard in child.guards)], actor, decided
    )
    separated = _called(plan.children, SEPARATED)
    mother = db.session.scalars(
        select(Guardianship).where(
            Guardianship.pupil_id == separated.id, Guardianship.user_id == separated.guards[0].adult.id
        )
    ).one()
    arrangements.set_hiding(
        mother, arrangements.LOCK, "Beschikking rechtbank van 12 mei, ligt in het dossier.", actor, decided
    )
    _forbid_contact(_called(plan.children, ALONE), actor, decided)
    _inform(plan, actor, now)
    db.session.flush()
    db.session.expunge_all()


def _called(children: Iterable[Child], given_name: str) -> Child:
    return next(child for child in children if child.name.given_name == given_name)


def _deal_apart(children: list[Child], actor: Viewer, moment: datetime) -> None:
    apart = [child.id for child in children if len(child.guards) > 1]
    rows: list[dict[str, Any]] = [
        {
            "pupil_id": number,
            "what": "apart",
            "reason": "Op verzoek van de ouders, na de scheiding.",
            "changed_by": actor.id,
            "changed_at": moment,
        }
        for number in apart
    ]
    if rows:
        db.session.execute(insert(ArrangementEntry), rows)
        db.session.execute(
            update(Pupil)
            .where(Pupil.id.in_(apart))
            .values(apart_at=moment)
            .execution_options(synchronize_session=False)
        )


def _forbid_contact(child: Child, actor: Viewer, moment: datetime) -> None:
    person = new_adult(PersonName("Rob", "in 't", "Veld"), None, ("", ""), "nl", moment)
    pupil = db.session.get_one(Pupil, child.id)
    arrangements.bar(pupil, person, "Contactverbod van de rechter tot de zomer van 2028.", actor, moment)


def _inform(plan: Plan, actor: Viewer, now: datetime) -> None:
    """Release the report to a father without authority, who has asked something since."""
    child, father = next(
        (child, guard.adult)
        for child in plan.children
        for guard in child.guards[WITHOUT_AUTHORITY:]
        if not guard.has_authority and guard.relation == "vader" and guard.adult.way_in == "active"
    )
    pupil = db.session.get_one(Pupil, child.id)
    title = "Rapport van het vorige schooljaar"
    document = Document(title, "", pdf_of(f"{title}: {child.name.full}"), releases.safe_name(title))
    moment = now - DECIDED_AGO
    releases.release(pupil, db.session.get_one(User, father.id), document, actor, moment)
    db.session.execute(
        update(OutgoingMessage)
        .where(OutgoingMessage.kind == releases.MAIL_RELEASED)
        .values(sent_at=moment, attempts=1)
        .execution_options(synchronize_session=False)
    )
    question = "Hoe gaat het met rekenen en met vriendschappen in de groep?"
    releases.ask(pupil, question, Viewer(id=father.id), now - ASKED_AGO)


def pdf_of(words: str) -> bytes:
    """Return a PDF of one page with one line."""
    line = words.encode("latin-1", "replace").replace(b"\\", b"").replace(b"(", b"").replace(b")", b"")
    drawing = b"BT /F1 18 Tf 60 760 Td (" + line + b") Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawing), drawing),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    content, places = b"%PDF-1.4\n", []
    for number, part in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, table)
    return content + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
