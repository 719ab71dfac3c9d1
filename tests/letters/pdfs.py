"""PDFs as tests need them: a page that can be seen, and pages made to do harm."""

import zlib
from io import BytesIO

from tests.bombs import packed

WORDS = b"BT /F1 36 Tf 60 700 Td (Programma museumdag) Tj ET 60 600 400 40 re f"


def stream(content: bytes, more: str = "") -> bytes:
    return packed_stream(zlib.compress(content, 9), more)


def packed_stream(content: bytes, more: str = "") -> bytes:
    head = f"<</Filter/FlateDecode/Length {len(content)}{more}>>".encode()
    return head + b"\nstream\n" + content + b"\nendstream"


def pdf(
    content: bytes = WORDS, box: str = "0 0 595 842", resources: str = "/Font<</F1 4 0 R>>", more=()
) -> bytes:
    """Return a PDF of one page; `more` are objects from number 6 on."""
    return put_together(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Resources<<{resources}>>/Contents 5 0 R>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        stream(content),
        *more,
    )


def put_together(*objects: bytes) -> bytes:
    file, places = BytesIO(), []
    file.write(b"%PDF-1.4\n")
    for number, one in enumerate(objects, 1):
        places.append(file.tell())
        file.write(b"%d 0 obj\n%b\nendobj\n" % (number, one))
    table = file.tell()
    file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    file.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    file.write(b"trailer<</Size %d/Root 1 0 R>>\n" % (len(objects) + 1))
    file.write(b"startxref\n%d\n%%%%EOF\n" % table)
    return file.getvalue()


def image(side: int) -> bytes:
    """Return a page with a picture that is side times side in memory, and next to nothing in the file."""
    size = f"/Type/XObject/Subtype/Image/Width {side}/Height {side}/BitsPerComponent 8/ColorSpace/DeviceRGB"
    filled = packed_stream(packed(b"\0", side * 3 * side), size)
    return pdf(b"q 500 0 0 500 0 0 cm /I Do Q", resources="/XObject<</I 6 0 R>>", more=(filled,))


def drawn_again_and_again(levels: int = 12) -> bytes:
    """Return a page that draws a form ten times, that draws another one ten times, and so on."""
    forms = []
    for number in range(6, 6 + levels):
        inside = b"/X Do " * 10 if number < 5 + levels else b"0 0 500 500 re f " * 10
        next_one = f"/Resources<</XObject<</X {number + 1} 0 R>>>>" if number < 5 + levels else ""
        forms.append(stream(inside, f"/Type/XObject/Subtype/Form/BBox[0 0 600 900]{next_one}"))
    return pdf(b"/X Do", resources="/XObject<</X 6 0 R>>", more=forms)


BOMB = image(20_000)
WITHOUT_PICTURE = {
    "nothing but its head": b"%PDF-1.7",
    "no page": put_together(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"),
    "a tree of pages that bites its tail": put_together(
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1>>"
    ),
    "a page larger than any": pdf(box="0 0 99999999 99999999"),
    "a drawing that never ends": drawn_again_and_again(),
}
