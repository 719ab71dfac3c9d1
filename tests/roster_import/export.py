"""A school's export as administrations make it: an EDEXML file and the list of guardians beside it.

Written here, with invented people: combination groups, duo teachers, double names, twins, children of three
who wait, children who left, separated parents, parents without e-mail, a brother and a sister.
"""

import csv
import io
import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from xml.sax.saxutils import escape, quoteattr

_FIRST = (
    "Sanne Bram Noor Daan Lotte Sem Mila Finn Zoë Levi Yara Milan Fatima Mohamed İlker Ömer Anaïs Chloé "
    "Björn Søren Łukasz Zofia Nadia Олена Jan-Pieter Lieke Tijn Roos Gijs Femke Ayşe Emre Aiden Priya"
)
FIRST = _FIRST.split()
PREFIXES = ["", "", "", "de", "van", "van der", "van den", "van 't", "ter", "el", "d'", "'s-"]
_LAST = (
    "Berg Vries Jansen Bakker Visser Smit Meijer Mulder Bos Vos Peters Hendriks Dekker Brouwer Yılmaz Demir "
    "Kaya El-Khatib Amrani Nguyen Wiśniewski Kowalska García Müller Østergaard Шевченко Gravesande Hondt "
    "Jansen-Smit Bakker-Visser O'Neill Koster Prins Blom Willems Kok"
)
LAST = _LAST.split()
GROUPS = [("1/2 A", (1, 2)), ("1/2 B", (1, 2)), ("3", (3,)), ("3/4", (3, 4)), ("4", (4,)), ("5", (5,)),
          ("5/6", (5, 6)), ("6", (6,)), ("7", (7,)), ("7/8", (7, 8)), ("8", (8,))]  # fmt: skip
BSN = "123456782"
ORIGIN = "kanarie-etniciteit"
PHOTO = "https://kanarie.example/foto.jpg"
CANARIES = (BSN, ORIGIN, PHOTO, "kanarie-opmerking", "1234KN")


@dataclass(frozen=True)
class Kid:
    """A child in the export."""

    key: str
    given: str
    prefix: str
    surname: str
    born: date
    group: str
    year: int
    left_on: date | None = None


@dataclass(frozen=True)
class Parent:
    """A parent in the list, with the keys of the children."""

    given: str
    prefix: str
    surname: str
    email: str
    phone: str
    kids: tuple[str, ...]


@dataclass
class Export:
    """One export; change what is in it and write the files again."""

    kids: list[Kid] = field(default_factory=list)
    parents: list[Parent] = field(default_factory=list)
    year: str = "2026-2027"
    bsn: bool = False

    def edexml(self) -> bytes:
        """Return the EDEXML file."""
        out = io.StringIO()
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        out.write('<EDEX xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n')
        out.write(f"<school><schooljaar>{self.year}</schooljaar><peildatum>2026-11-20</peildatum>")
        out.write("<brincode>99ZZ</brincode><dependancecode>00</dependancecode></school>\n<groepen>\n")
        for index, (name, years) in enumerate(GROUPS):
            year = "C" if len(years) > 1 else str(years[0])
            out.write(f'<groep key="G{index}"><naam>{name}</naam><jaargroep>{year}</jaargroep></groep>\n')
        out.write(
            '<samengestelde_groep key="plus"><naam>Plusgroep</naam></samengestelde_groep>\n</groepen>\n'
        )
        out.write("<leerlingen>\n")
        for kid in self.kids:
            out.write(self._kid(kid))
        out.write("</leerlingen>\n<leerkrachten>\n")
        for index in range(len(GROUPS) * 2):
            group = f'<groep key="G{index % len(GROUPS)}"/>'
            out.write(
                f'<leerkracht key="L{index}"><achternaam>{escape(LAST[index % len(LAST)])}</achternaam>'
                f"<roepnaam>{FIRST[index % len(FIRST)]}</roepnaam>"
                f"<emailadres>leerkracht{index}@school.example</emailadres><rol>LRK</rol>"
                f"<groepen>{group}</groepen></leerkracht>\n"
            )
        out.write("</leerkrachten>\n</EDEX>\n")
        return out.getvalue().encode()

    def _kid(self, kid: Kid) -> str:
        group = f'<groep key="G{[name for name, _ in GROUPS].index(kid.group)}"/>'
        extra = ""
        if int(kid.key) % 17 == 0:
            extra = '<samengestelde_groepen><samengestelde_groep key="plus"/></samengestelde_groepen>'
        hidden = f"<etniciteit>{ORIGIN}</etniciteit><bsn>{BSN}</bsn>" if self.bsn else ""
        photo = f"<fotourl>{PHOTO}</fotourl>" if self.bsn else ""
        left = f"<uitstroomdatum>{kid.left_on}</uitstroomdatum>" if kid.left_on else ""
        prefix = f"<voorvoegsel>{escape(kid.prefix)}</voorvoegsel>" if kid.prefix else ""
        return (
            f"<leerling key={quoteattr(kid.key)} eckid={quoteattr('https://id.example/' + kid.key)}>"
            f"<achternaam>{escape(kid.surname)}</achternaam>{prefix}<roepnaam>{escape(kid.given)}</roepnaam>"
            f"<geboortedatum>{kid.born}</geboortedatum><geslacht>0</geslacht><jaargroep>{kid.year}</jaargroep>"
            f"{group}{extra}{photo}{hidden}{left}</leerling>\n"
        )

    def guardians(self, encoding: str = "utf-8-sig") -> bytes:
        """Return the list of guardians, a row per child as most schools have it, from a Dutch spreadsheet."""
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=";")
        columns = ["Leerlingnummer", "Roepnaam", "Achternaam", "Geb. datum", "Groep"]
        for number in (1, 2):
            columns += [
                f"Ouder {number} voornaam",
                f"Ouder {number} tussenvoegsel",
                f"Ouder {number} achternaam",
            ]
            columns += [f"Ouder {number} e-mail", f"Ouder {number} telefoon"]
        if self.bsn:
            columns += ["BSN", "Opmerkingen", "Postcode"]
        writer.writerow([*columns, ""])
        of_kid: dict[str, list[Parent]] = {}
        for parent in self.parents:
            for key in parent.kids:
                of_kid.setdefault(key, []).append(parent)
        for kid in self.kids:
            if kid.left_on:
                continue
            surname = f"{kid.prefix} {kid.surname}".strip()
            row = [kid.key, kid.given, surname, f"{kid.born:%d-%m-%Y}", kid.group]
            for parent in [*of_kid.get(kid.key, []), Parent("", "", "", "", "", ())][:3]:
                row += [parent.given, parent.prefix, parent.surname, parent.email, parent.phone]
            row = (row + [""] * 15)[:15]
            if self.bsn:
                row += [BSN, "kanarie-opmerking", "1234KN"]
            writer.writerow([*row, ""])
        return out.getvalue().encode(encoding, "replace")

    def as_kept_in_a_hurry(self, seed: int) -> None:
        """Spoil the list as real ones are: initials, no names, no numbers, one address for two people."""
        rnd = random.Random(seed)
        kept: list[Parent] = []
        for parent in self.parents:
            how = rnd.randrange(20)
            changes = {
                0: {"given": parent.given[0] + "."},
                1: {"given": "", "prefix": "", "surname": ""},
                2: {"given": ""},
                3: {"email": ""},
                4: {"phone": ""},
                5: {"email": rnd.choice(kept).email} if kept else {},
            }.get(how, {})
            kept.append(replace(parent, **changes))
        self.parents = kept
        self.kids = [replace(kid, surname="") if rnd.random() < 0.03 else kid for kid in self.kids]

    def change_kid(self, key: str, **values: object) -> None:
        """Change one child."""
        self.kids = [replace(kid, **values) if kid.key == key else kid for kid in self.kids]


def export(
    pupils: int = 400, guardians: int = 720, seed: int = 1, siblings: tuple[int, ...] = (1, 1, 1, 2)
) -> Export:
    """Return an export of a school of this size; the same numbers give the same school."""
    rnd = random.Random(seed)
    made = Export()
    number = 0
    while len(made.kids) < pupils:
        prefix, surname = rnd.choice(PREFIXES), rnd.choice(LAST)
        brothers_and_sisters = rnd.choice(siblings)
        keys = []
        for _ in range(min(brothers_and_sisters, pupils - len(made.kids))):
            number += 1
            name, years = rnd.choice(GROUPS)
            year = rnd.choice(years)
            born = date(2026 - year - 4, 10, 1) + timedelta(days=rnd.randrange(365))
            key = f"{20000 + (seed - 1) * 1000 + number:06d}"
            made.kids.append(Kid(key, rnd.choice(FIRST), prefix, surname, born, name, year))
            keys.append(key)
        for which in range(2):
            if len(made.parents) >= guardians or (which and rnd.random() < 0.1):
                continue
            own = (prefix, surname) if which == 0 else (rnd.choice(PREFIXES), rnd.choice(LAST))
            given = rnd.choice(FIRST)
            ident = len(made.parents) + (seed - 1) * 10_000
            email = "" if rnd.random() < 0.04 else f"ouder{ident}@thuis.example"
            phone = f"06{10000000 + ident}" if rnd.random() < 0.9 else ""
            if not email and not phone:
                phone = f"06{10000000 + ident}"
            made.parents.append(Parent(given, *own, email, phone, tuple(keys)))
    keys_of = [kid.key for kid in made.kids]
    while len(made.parents) < guardians:
        # Parents who live apart: the second of a child that has one.
        ident = len(made.parents) + (seed - 1) * 10_000
        single = next(
            (key for key in keys_of if sum(key in parent.kids for parent in made.parents) < 2), None
        )
        if single is None:
            break
        made.parents.append(
            Parent(rnd.choice(FIRST), "", rnd.choice(LAST), f"ouder{ident}@thuis.example", "", (single,))
        )
    return made
