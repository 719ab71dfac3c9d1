"""What goes with letters of the demo school: a page of text as PDF, and drawings."""

from hashlib import sha256
from random import Random

from portal.domain.demo.pictures import drawings
from portal.domain.file_kinds import PDF, PICTURE
from portal.domain.incoming_files import Incoming, with_first_page
from portal.domain.photos import prepare

LINE, MARGIN, TOP, WIDTH, HEIGHT = 22, 70, 760, 595, 842


def text_file(name: str, heading: str, lines: tuple[str, ...]) -> Incoming:
    """Return a PDF of one page with a heading and lines of text, and the small picture of it."""
    return with_first_page(_incoming(name, _page(heading, lines)))


def drawing(name: str, seed: int) -> Incoming:
    """Return a drawing as a photo, the same one every time."""
    (content,) = drawings(Random(seed), 1)  # noqa: S311
    made = prepare(content)
    sizes = made.width, made.height
    mark = sha256(content).hexdigest()
    return Incoming(f"{name}.jpg", PICTURE, made.picture, mark, True, made.thumbnail, *sizes)


def _incoming(name: str, content: bytes) -> Incoming:
    return Incoming(f"{name}.pdf", PDF, content, sha256(content).hexdigest(), checked=True)


def _page(heading: str, lines: tuple[str, ...]) -> bytes:
    said = [f"/F1 20 Tf {MARGIN} {TOP} Td ({_escaped(heading)}) Tj /F1 12 Tf 0 -{2 * LINE} Td"]
    said += [f"({_escaped(line)}) Tj 0 -{LINE} Td" for line in lines]
    text = f"BT {' '.join(said)} ET".encode("cp1252")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents 5 0 R "
        "/Resources << /Font << /F1 4 0 R >> >> >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(text), text),
    ]
    return _put_together(objects)


def _put_together(objects: list[bytes]) -> bytes:
    file, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return file + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (count, table, count, len(file))
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
