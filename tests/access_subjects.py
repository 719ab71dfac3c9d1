"""What the addresses of the access matrix are about: put in beside the cast, one of each thing."""

from datetime import timedelta
from io import BytesIO
from typing import Any

from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.access import Viewer
from portal.domain import attachments, conversations, incoming_files, letter_copies, letters, slip_writing
from portal.domain.importers.rows import Roster, dump
from portal.domain.invitations import invite
from portal.domain.letter_audience import GROUP, SCHOOL, Part
from portal.domain.slips import Question, Slip
from portal.extensions import db, start_writing
from portal.models.absence import Absence
from portal.models.accounts import LoginSession, User
from portal.models.arrangements import Barring, InformationRequest, Release
from portal.models.conversations import Conversation
from portal.models.imports import RosterImport
from portal.models.letters import Attachment, Letter, LetterList
from portal.models.pupils import CareNote, CareReader, ChangeRequest, EmergencyContact
from portal.models.roster import Group, Guardianship, Pupil
from portal.models.school import FreeDay, SchoolYear
from tests.cast import Cast


def make_subjects(app: Flask, school: Cast) -> dict[str, Any]:
    """Put in what addresses are about and return its numbers."""
    with app.app_context():
        start_writing()
        absence = report(school)
        invite(db.session.get_one(User, school.inge.id), None, clock.now())
        preview = RosterImport(made_by=school.otto.id, made_at=clock.now(), rows=dump(Roster()))
        kept = kept_of_bram(school)
        db.session.add_all([preview, *kept])
        asked, released, barring = about_guardians(school)
        letter = letter_to_his_group(school)
        waiting, own_list = waiting_letter(school)
        conversation = conversation_of_anna(school)
        db.session.commit()
        numbers = {
            "barring_id": barring.id,
            "release_id": released.id,
            "request_id": asked.id,
            "absence_id": absence.id,
            "conversation_id": conversation.id,
            "album_id": school.album,
            **{f"{name}_id": row.id for name, row in zip(KEPT, kept, strict=True)},
            "filename": "portal.css",
            "free_day_id": db.session.scalar(select(FreeDay.id)),
            "group_id": school.group_34,
            "guardianship_id": db.session.scalar(
                select(Guardianship.id).where(
                    Guardianship.user_id == school.anna.id, Guardianship.pupil_id == school.bram.id
                )
            ),
            "import_id": preview.id,
            "item_id": school.gym,
            "kind_id": school.kinds["unauthorised"],
            "attachment_id": db.session.scalar(select(Attachment.id)),
            "key": db.session.scalar(select(Attachment.key)),
            "letter_id": letter.id,
            "list_id": own_list.id,
            "news_id": school.news,
            "photo_id": school.photo,
            "section": "new",
            "session_id": db.session.scalar(select(LoginSession.id)),
            "token": "x" * 43,
            "waiting_id": waiting.id,
            "year_id": db.session.scalar(select(SchoolYear.id)),
        }
        db.session.rollback()
    return numbers


def letter_to_his_group(school: Cast) -> Letter:
    """Put in a letter that Tess wrote and the guardians of groep 3/4 received."""
    tess, now = Viewer(school.tess.id, role="teacher"), clock.now()
    letter = letters.begin(tess, now)
    words = letters.Words("Museum", "Op 10 december.", "juf Tess")
    letters.save(letter, words, [Part(GROUP, school.group_34)], 0, now)
    file = incoming_files.take_in("Museum.pdf", BytesIO(b"%PDF-1.7"))
    attachments.add_to_letter(letter, file, False, tess, now)
    letter.sent_at = letter.notice_asked_at = now
    letter.notice_asked_by = school.hedy.id
    slip = Slip("child", "one", clock.today(), (Question("number", "Hoeveel?"),))
    slip_writing.save_slip(letter, slip, "", tess)
    letter_copies.hand_out(letter, now)
    return letter


KEPT = ("change", "contact", "note", "reader")


def kept_of_bram(school: Cast) -> list[Any]:
    """Return what is kept of Bram: Anna's request and contact, care information, and Otto who reads it."""
    bram, anna, now = school.bram.id, school.anna.id, clock.now()
    return [
        ChangeRequest(pupil_id=bram, asked_by=anna, asked_at=now, field="surname", wanted="Vis"),
        EmergencyContact(
            pupil_id=bram, given_by=anna, given_at=now, position=1, name="Oma Riet", phone="06 00"
        ),
        CareNote(
            pupil_id=bram, kind="allergy", what="noten", source="guardian", written_by=anna, written_at=now
        ),
        CareReader(pupil_id=bram, user_id=school.otto.id, named_by=school.hedy.id, named_at=now),
    ]


def about_guardians(school: Cast) -> tuple[InformationRequest, Release, Barring]:
    """Put in what Gert asked and got about Noor, and that Dora may have no contact with Bram."""
    asked = InformationRequest(
        pupil_id=school.noor.id, asked_by=school.gert.id, asked_at=clock.now(), place=1, question="?"
    )
    released = Release(
        pupil_id=school.noor.id,
        user_id=school.gert.id,
        title="Rapport",
        file_name="Rapport.pdf",
        file=b"%PDF-",
        released_by=school.otto.id,
        released_at=clock.now(),
    )
    barring = Barring(pupil_id=school.bram.id, user_id=school.dora.id, reason="?", barred_at=clock.now())
    db.session.add_all([asked, released, barring])
    db.session.flush()
    return asked, released, barring


def conversation_of_anna(school: Cast) -> Conversation:
    """Put in what Anna wrote to the teachers of groep 3/4 about Bram."""
    bram, group = db.session.get_one(Pupil, school.bram.id), db.session.get_one(Group, school.group_34)
    plan = conversations.planned(bram, school.anna.id, group)
    return conversations.begin(plan, Viewer(school.anna.id), "Mag ik u bellen?", "", clock.now())


def waiting_letter(school: Cast) -> tuple[Letter, LetterList]:
    """Put in Hedy's letter to the whole school that waits for approval, and a list of the office's."""
    hedy, now = Viewer(school.hedy.id, role="head"), clock.now()
    waiting = letters.begin(hedy, now)
    letters.save(waiting, letters.Words("Studiedag", "Vrij.", "Hedy"), [Part(SCHOOL)], 0, now)
    waiting.send_at = waiting.approval_asked_at = now
    own_list = LetterList(name="Koor", made_by=school.otto.id, made_at=now)
    db.session.add(own_list)
    db.session.flush()
    return waiting, own_list


def report(school: Cast) -> Absence:
    """Put in Anna's report about Bram, ill since yesterday."""
    absence = Absence(
        pupil_id=school.bram.id,
        kind_id=school.kinds["sick"],
        first_day=clock.today() - timedelta(days=1),
        last_day=None,
        source="guardian",
        reported_by=school.anna.id,
        reported_at=clock.now(),
    )
    db.session.add(absence)
    return absence
