"""What is read of an EDEXML file at all: an allow-list, behind walls against hostile XML (SAFETY 17)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from portal.domain.importers.rows import N_, REFUSED, Place, Problem, key_of

MAX_ELEMENTS = 300_000
MAX_DEPTH = 24
MAX_TOKEN = 1_000_000
MAX_TEXT = 2_000

_ROOTS = ("EDEX", "Envelope", "leerlinggegevens")
_PARTIAL = "leerlinggegevens-"
_NOTHING = ("geengegevens", "geenwijzigingen")
PERSON = {"achternaam", "voorvoegsel", "voorletters-1", "roepnaam", "voornamen"}
_READ = {
    "school": {"schooljaar", "peildatum", "aanmaakdatum"},
    "groep": {"naam", "jaargroep"},
    "samengestelde_groep": {"naam"},
    "leerling": {*PERSON, "geboortedatum", "jaargroep", "uitstroomdatum"},
    "leerkracht": {*PERSON, "emailadres"},
}
_LISTS = {
    "groepen": ("groep", "samengestelde_groep"),
    "leerlingen": ("leerling",),
    "leerkrachten": ("leerkracht",),
}
_INSIDE = ("groep", "samengestelde_groepen", "samengestelde_groep", "groepen")


@dataclass(slots=True)
class Thing:
    """One object of the file while it is read: its attributes and the text of the elements that are read."""

    kind: str
    key: str
    line: int
    depth: int
    texts: dict[str, str] = field(default_factory=dict)
    home: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)


class _Stop(SAXException):
    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Reader(ContentHandler):
    """Keeps the objects of the file, and of each only what `_READ` names."""

    def __init__(self, line: Callable[[], int | None]) -> None:
        super().__init__()
        self._line = line
        self.things: list[Thing] = []
        self.lists: set[str] = set()
        self.partial = False
        self.nothing = False
        self._path: list[str] = []
        self._thing: Thing | None = None
        self._reading: list[str] | None = None
        self._length = 0
        self._passing_over = 0
        self._elements = 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise _Stop(N_("%(file)s has far more in it than a school. Make a new export and try again."))
        local = name.rpartition(":")[2]
        path = self._path
        path.append(local)
        depth = len(path)
        if depth > MAX_DEPTH:
            raise _Stop(N_("%(file)s is nested too deep to be EDEXML. Make a new export and try again."))
        if self._passing_over:
            return
        if depth == 1 and not local.startswith(_ROOTS):
            raise _Stop(
                N_(
                    "%(file)s is XML, but not EDEXML. Choose the EDEXML export (EDEX & UWLR) in your pupil"
                    " administration and use that file."
                )
            )
        self._reading = None
        if self._thing is not None:
            self._start_inside(self._thing, local, depth, attrs)
        elif local == "toevoegingen":
            self._passing_over = depth
        else:
            self._start_outside(local, depth, attrs)

    def _start_inside(self, thing: Thing, local: str, depth: int, attrs: AttributesImpl) -> None:
        if local in _INSIDE and depth <= thing.depth + 2:
            if local in ("groep", "samengestelde_groep"):
                (thing.home if local == "groep" else thing.extra).append(key_of(attrs.get("key", "")))
        elif depth == thing.depth + 1 and local in _READ[thing.kind] and local not in thing.texts:
            self._reading = []
            self._length = 0
        else:
            self._passing_over = depth

    def _start_outside(self, local: str, depth: int, attrs: AttributesImpl) -> None:
        parent = self._path[-2] if depth > 1 else ""
        if local == "school" or local in _LISTS.get(parent, ()):
            self._thing = Thing(local, key_of(attrs.get("key", "")), self._line() or 0, depth)
        elif local in _LISTS:
            self.lists.add(local)
        elif local in _NOTHING:
            self.nothing = True
        elif local.startswith(_PARTIAL):
            self.partial = True

    def characters(self, content: str) -> None:
        if self._reading is not None and self._length <= MAX_TEXT:
            self._length += len(content)
            self._reading.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        depth = len(self._path)
        local = self._path.pop()
        if self._passing_over:
            if depth == self._passing_over:
                self._passing_over = 0
            return
        if self._thing is None:
            return
        if self._reading is not None:
            self._thing.texts[local] = "".join(self._reading)
            self._reading = None
        if depth == self._thing.depth:
            self.things.append(self._thing)
            self._thing = None


NOT_WELL_FORMED = N_(
    "%(file)s is damaged or incomplete near line %(line)s. Make the export again and send the file as it is,"
    " without opening it in another program first."
)
_DTD = N_(
    "%(file)s has a document type or entities in it (line %(line)s). EDEXML never needs these and they can be"
    " harmful, so nothing was read. Make a new export."
)


def has_endless_token(data: bytes) -> bool:
    """Return whether a single piece of the file is so long that nothing of it can be a school."""
    start = 0
    while start + MAX_TOKEN < len(data):
        last = data.rfind(b">", start, start + MAX_TOKEN)
        if last < 0:
            return True
        start = last + 1
    return False


def parse(file: str, data: bytes) -> tuple[Reader, Problem | None]:
    """Return what was kept of the file, and why it was not read to the end, if it was not."""
    parser: Any = DefusedExpatParser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    reader = Reader(parser.getLineNumber)
    parser.setContentHandler(reader)
    try:
        # In one piece: fed bit by bit, this expat rescans a very long token each time.
        parser.feed(data)
        parser.close()
    except DefusedXmlException:
        return reader, _refused(file, parser.getLineNumber(), _DTD)
    except _Stop as stop:
        return reader, _refused(file, parser.getLineNumber(), stop.sentence)
    except (SAXException, ValueError, LookupError):
        return reader, _refused(file, parser.getLineNumber(), NOT_WELL_FORMED)
    return reader, None


def _refused(file: str, line: int | None, sentence: str) -> Problem:
    return Problem(Place(file, line or 0), sentence, {"file": file, "line": str(line or 0)}, REFUSED)
