"""Files as people put them with letters, and as others send them to do harm."""

import zipfile
from io import BytesIO

from portal import clock
from portal.access import Viewer
from portal.domain import attachments, incoming_files
from portal.extensions import db, start_writing
from portal.models.letters import Letter
from tests.cast import Person

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def packed(members: dict[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip with these members."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def docx(**more: str) -> bytes:
    """Return what is enough of a Word file to be one."""
    return packed({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w:document/>", **more})


def odt() -> bytes:
    """Return what is enough of an OpenDocument text to be one."""
    kind = "application/vnd.oasis.opendocument.text"
    return packed({"mimetype": kind, "content.xml": "<office/>"}, zipfile.ZIP_STORED)


def attach(
    app, letter: int, author: Person, content: bytes = PDF, name: str = "Programma.pdf", inline: bool = False
) -> str:
    """Put a file with a letter, whatever became of that letter, and return the key of the file."""
    with app.app_context():
        file = incoming_files.take_in(name, BytesIO(content))
        start_writing()
        actor = Viewer(author.id, role="office")
        row = db.session.get_one(Letter, letter)
        was, row.send_at = row.send_at, row.sent_at
        db.session.flush()
        attachments.add_to_letter(row, file, inline, actor, clock.now())
        row.send_at = was
        if row.sent_at:
            attachments.settle_correction(row, ())
        key: str = db.session.scalars(
            db.select(attachments.Attachment.key).order_by(attachments.Attachment.id.desc())
        ).first()
        db.session.commit()
    return key
