"""SAFETY 16 and 17: refused in words, quickly, in little memory, touching neither network nor file."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from portal.domain.importers import reading
from portal.domain.importers.files import Upload
from portal.domain.importers.rows import REFUSED
from tests.domain.importers.edexml_files import SCHOOL
from tests.material import material

_WATCH = """
import json, sys, time
from portal.domain.importers import reading
from portal.domain.importers.files import Upload
touched = []
names = ("open", "socket.connect", "socket.getaddrinfo", "urllib.Request", "subprocess.Popen", "os.system")
def hook(event, args):
    if event in names and watching and not str(args[0]).endswith((".py", ".pyc")):
        touched.append(f"{event} {args[0]!r}"[:200])
watching = False
sys.addaudithook(hook)
reading.read([Upload("warm.xml", b"<EDEX/>")])
results = []
def memory(line):
    return int(open("/proc/self/status").read().partition(line)[2].split()[0])
for path in json.loads(sys.argv[1]):
    data = open(path, "rb").read()
    open("/proc/self/clear_refs", "w").write("5")  # forget the highest memory use until now
    before = memory("VmRSS:")
    watching, start = True, time.process_time()
    found = reading.read([Upload(path.rpartition("/")[2], data)])
    seconds, watching = time.process_time() - start, False
    grown = (memory("VmHWM:") - before) / 1024
    problems = [problem.english() for problem in found.roster.problems]
    results.append([path, seconds, grown, problems, found.roster.refused, bool(found.roster.pupils)])
print(json.dumps({"results": results, "touched": touched}))
"""


def watch(paths: list[Path]) -> list[tuple[str, float, float, list[str]]]:
    """Read the files in a process of their own and check what SAFETY asks of every one of them."""
    arguments = [sys.executable, "-c", _WATCH, json.dumps([str(path) for path in paths])]
    told = json.loads(subprocess.run(arguments, check=True, capture_output=True, text=True).stdout)
    assert told["touched"] == []
    for path, seconds, grown, problems, refused, pupils in told["results"]:
        assert refused and not pupils, path
        assert len(problems) == 1 and len(problems[0]) > 30, path
        assert seconds < 1, (path, seconds)
        assert grown < 50, (path, grown)
    return told["results"]


LAUGHS = "".join(
    [
        '<!DOCTYPE EDEX [<!ENTITY a0 "ha">',
        *(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)),
        "]>",
    ]
)
QUADRATIC = f'<!DOCTYPE EDEX [<!ENTITY a "{"a" * 50_000}">]>'
OUTSIDE = '<!DOCTYPE EDEX [<!ENTITY f SYSTEM "{}">]>'
PUPILS = "<EDEX><leerlingen><leerling key='1'><roepnaam>{}</roepnaam></leerling></leerlingen></EDEX>"


def our_own() -> dict[str, bytes]:
    return {
        "laughs.xml": (LAUGHS + PUPILS.format("&a9;")).encode(),
        "quadratic.xml": (QUADRATIC + PUPILS.format("&a;" * 50_000)).encode(),
        "file.xml": (OUTSIDE.format("file:///etc/passwd") + PUPILS.format("&f;")).encode(),
        "http.xml": (OUTSIDE.format("http://127.0.0.1:9/x") + PUPILS.format("&f;")).encode(),
        "parameter.xml": b'<!DOCTYPE EDEX [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]><EDEX/>',
        "outside-dtd.xml": b'<!DOCTYPE EDEX SYSTEM "http://127.0.0.1:9/edex.dtd"><EDEX/>',
        "utf16-dtd.xml": ("\ufeff" + LAUGHS + PUPILS.format("&a9;")).encode("utf-16-le"),
        "utf7.xml": b'<?xml version="1.0" encoding="utf-7"?><EDEX/>',
        "deep.xml": b"<EDEX>" + b"<a>" * 3_000_000,
        "wide.xml": b"<EDEX>" + b"<a/>" * 4_000_000,
        "attributes.xml": b"<EDEX " + b" ".join(b'a%d="1"' % number for number in range(300_000)) + b"/>",
        "long-comment.xml": b"<EDEX><!--" + b"x" * 15_000_000 + b"--></EDEX>",
        "not-edexml.xml": b"<root><leerlingen/></root>",
        "html.xml": b"<html><body>no</body></html>",
        "zeros.xml": b"\x00" * 1000,
        "picture.csv": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
        "letter.pdf": b"%PDF-1.7\n" + b"x" * 400,
        "old.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 2000,
        "quote.csv": b'Roepnaam;Achternaam\n"Sem;' + b"x\n" * 200_000,
        "wide.csv": b";".join(b"a%d" % number for number in range(200_000)) + b"\n",
        "bomb.zip": packed({"EDEX.XML": b"<EDEX>" + b" " * 60_000_000}),
        "nested.zip": packed({"a.zip": packed({"EDEX.XML": b"<EDEX/>"})}),
        "escape.zip": packed({"../EDEX.XML": b"<EDEX/>"}),
        "absolute.zip": packed({"/etc/EDEX.XML": b"<EDEX/>"}),
        "backslash.zip": packed({"..\\EDEX.XML": b"<EDEX/>"}),
        "many.zip": packed({f"{number}.csv": b"x" for number in range(60)}),
        "twice.zip": packed({"EDEX.XML": b"<EDEX/>", "edex.xml": b"<EDEX/>"}),
        "link.zip": linked(),
        "locked.zip": locked(),
        "cut.zip": packed({"EDEX.XML": b"<EDEX/>" * 100})[:-40],
        "strings.xlsx": workbook_with("xl/sharedStrings.xml", b"<sst>" + b"<si><t>a</t></si>" * 2_000_000),
        "sheet.xlsx": workbook_with("xl/worksheets/sheet1.xml", b"<worksheet>" + b"<c/>" * 8_000_000),
        "styles.xlsx": workbook_with("xl/styles.xml", b"<styleSheet>" + b"<a/>" * 2_000_000),
        "dtd.xlsx": workbook_with("xl/workbook.xml", LAUGHS.encode() + b"<workbook>&a9;</workbook>"),
        "letter.docx": packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"}),
    }


def packed(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def linked() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo("EDEX.XML")
        entry.create_system = 3
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return out.getvalue()


def locked() -> bytes:
    data = bytearray(packed({"EDEX.XML": b"<EDEX/>"}))
    data[6] |= 1
    data[data.find(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def workbook_with(member: str, data: bytes) -> bytes:
    book = Workbook()
    book.active.append(["Roepnaam", "Achternaam"])
    out = io.BytesIO()
    book.save(out)
    members = {}
    with zipfile.ZipFile(out) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return packed({**members, member: data})


def test_our_own_hostile_files_are_refused(tmp_path: Path) -> None:
    for name, data in our_own().items():
        (tmp_path / name).write_bytes(data)
    told = watch(sorted(tmp_path.iterdir()))
    slowest, fattest = max(row[1] for row in told), max(row[2] for row in told)
    print(f"{len(told)} files, slowest {slowest:.2f} s, most memory {fattest:.0f} MB")


def test_the_collected_hostile_files_are_refused() -> None:
    watch(sorted(path for path in material("hostile", "xml").iterdir() if path.suffix in (".xml", ".xsl")))


@pytest.mark.parametrize("folder", ["images", "pdf"])
def test_pictures_and_letters_are_refused(folder: str) -> None:
    paths = sorted(path for path in material("hostile", folder).iterdir() if "LICENSE" not in path.name)
    for path in paths:
        roster = reading.read([Upload(path.name, path.read_bytes())]).roster
        assert [problem.gravity for problem in roster.problems] == [REFUSED], path


def test_a_file_in_a_zip_is_read() -> None:
    roster = reading.read([Upload("export.zip", packed({"map/EDEX.XML": SCHOOL.encode()}))]).roster
    assert len(roster.pupils) == 6
    assert roster.pupils[0].at.file == "export.zip/EDEX.XML"


def test_too_much_at_once_is_refused() -> None:
    roster = reading.read([Upload("a.csv", b"x" * 11_000_000), Upload("b.csv", b"x" * 11_000_000)]).roster
    assert "20 MB" in roster.problems[0].english()


def test_a_hostile_file_name_is_shown_short_and_on_one_line() -> None:
    roster = reading.read([Upload("../../etc/\u202e\npasswd" + "x" * 300, b"")]).roster
    shown = roster.problems[0].at.file
    assert len(shown) <= 80 and "/" not in shown and "\n" not in shown and "\u202e" not in shown
