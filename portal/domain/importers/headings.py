"""What a heading of a school's table means: Dutch and English words, whoever it is about."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from portal.names import fold

IGNORE = "ignore"
"""A column that is known and not read: BSN, origin, address and the like."""

PUPIL_FIELDS = ("key", "given", "prefix", "surname", "name", "birth", "group", "year", "left")
GUARDIAN_FIELDS = (
    "name", "given", "initials", "prefix", "surname", "email", "phone", "relation", "authority", "key",
)  # fmt: skip
MEANINGS = (
    *(f"pupil.{name}" for name in PUPIL_FIELDS),
    *(f"guardian{number}.{name}" for number in (1, 2) for name in GUARDIAN_FIELDS),
    IGNORE,
)

_GUARDIAN = re.compile(
    r"oude?r(?:s|en)?(?=$|[^l])|verzorger|voogd|parent|guardian|contactpersoon|contact|lpv|opvoeder|carer"
)
_MOTHER = re.compile(r"moeder|mother|mama|mom(?=$|\d)|mum")
_FATHER = re.compile(r"vader|father|papa|dad(?=$|\d)")
_PUPIL = re.compile(r"leerling|scholier|deelnemer|pupil|student|kinderen|kind|child(?:ren)?|llg|lln|\bll\b")
_SECOND = re.compile(r"2|tweede|second|partner|ouderb$|verzorgerb$|\bii$")
_NEVER = re.compile(
    r"bsn|burgerservice|sofi|onderwijsnummer|onderwijsnr|eckid|geslacht|gender|^sex$|^mv$|nationaliteit|geboortela"
    r"|geboortepl|herkomst|^land|etnic|gewicht|postcode|straat|^adres|address(?!.*mail)|huisn|toevoeging|woonplaats"
    r"|^plaats|gemeente|instroom|inschrijf|gebruikersnaam|username|wachtwoord|studie|crebo|pointer|instelling"
    r"|klasnummer|mentor|leerkracht|teacher|opmerking|notitie|medisch|allergie|huisarts|religie|geloof|levensbes"
    r"|foto|photo|beroep|burgerlijk|iban|bank|rekening|taal|nood|polis|verzeker|peildatum|brin|vestiging|volgnummer"
    r"|broer|zus|opleiding|overblijf|bso"
)
_FIELDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("email", r"mail|epost"),
        ("phone", r"telefoon|^tel|mobiel|mobile|phone|gsm|^06"),
        ("birth", r"geb.*dat|geboorte|birth|^dob$"),
        ("left", r"uitstroom|uitschrijf|^datumuit$|vertrek"),
        ("authority", r"gezag|wettelijk|custody"),
        ("relation", r"relatie|relation|^rol$|^role$"),
        ("prefix", r"tussenvoeg|voorvoeg|^tussenv$|^tv$|^vv$|infix|^prefix$|^tussen$"),
        ("initials", r"voorletter|initia"),
        ("given", r"roepn|voorn|firstn|^first$|given|callname|^roep$"),
        ("surname", r"achtern|familien|geslachtsn|lastn|surname|familyn|^last$"),
        ("year", r"leerjaar|jaargroep|yeargroup|^year$|grade|jaarlaag"),
        ("group", r"groep|klas|class|group"),
        ("key", r"numm|^nr$|nr$|number|code|^id$|^sisid$|key|sleutel|stamn|^no$"),
        ("name", r"^(?:volledige|full)?(?:naam|name)$|naamvoluit|^namen$"),
    )
)


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading taken apart. `who`: pupil, guardian or ''; `what`: a field, IGNORE, or '' when unknown."""

    who: str
    number: int
    what: str
    relation: str = ""
    several: bool = False


def take_apart(text: str) -> Heading:
    """Return what one heading says by itself."""
    flat = re.sub(r"[^a-z0-9]+", "", fold(text))
    if not flat:
        return Heading("", 0, "")
    mother, father = bool(_MOTHER.search(flat)), bool(_FATHER.search(flat))
    guardian = mother or father or bool(_GUARDIAN.search(flat))
    pupil = not guardian and bool(_PUPIL.search(flat))
    second = bool(_SECOND.search(flat))
    rest = flat
    for pattern in (_MOTHER, _FATHER, _GUARDIAN, _PUPIL):
        rest = pattern.sub("", rest)
    rest = re.sub(r"^(?:van|of|s)+|van$|(?<!^0)[0-9]+|eerste|tweede|first|second|partner", "", rest)
    who = "guardian" if guardian else "pupil" if pupil else ""
    number = (2 if second else 1) if guardian or re.search(r"[12]$", flat) else 0
    what = _what(rest, flat, who)
    several = pupil and bool(re.search(r"codes|nummers|numbers|kinderen|children|keys|ids$", flat))
    if several and what in ("", "name"):
        what = "key"
    if flat == "sisid":
        who, what = "pupil", "key"
    return Heading(who, number, what, "mother" if mother else "father" if father else "", several)


def _what(rest: str, flat: str, who: str) -> str:
    if _NEVER.search(flat) and not re.search(r"mail", flat):
        return IGNORE
    if flat.startswith("stamn"):
        return "key"
    for name, pattern in _FIELDS:
        if pattern.search(rest) or (name in ("email", "phone") and pattern.search(flat)):
            return name
    if who and rest in ("", "s", "en"):
        return "name"
    return ""


def recognise(headings: Sequence[str], above: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the meaning of each heading ('' = not known); `above` is the row of section titles, if any."""
    titles = sections(above, len(headings))
    apart = [
        take_apart(f"{section} {text}" if text and section else text)
        for text, section in zip(headings, titles, strict=True)
    ]
    on_guardian = _unqualified_are_guardians(apart)
    numbers = _mother_is_first(apart)
    pupils_own = any(re.search(r"studie|gebruikersnaam|username|crebo", fold(text)) for text in headings)
    meanings: list[str] = []
    for index, heading in enumerate(apart):
        meaning = _meaning(heading, numbers.get(index, heading.number or 1), on_guardian, pupils_own)
        if meaning == "pupil.key" and "pupil.key" in meanings and heading.who == "":
            meaning = IGNORE
        meanings.append(IGNORE if meaning and meaning in meanings else meaning)
    return _tidy(meanings, apart)


def sections(above: Sequence[str], width: int) -> list[str]:
    """Carry a title such as 'Ouder 1' over the columns under it, when the row above is such a row."""
    named = [text for text in above if text]
    if len(named) < 2 or sum(bool(take_apart(text).who) for text in named) < 2:
        return [""] * width
    filled, current = [], ""
    for index in range(width):
        text = above[index] if index < len(above) else ""
        current = text if text and take_apart(text).who else current
        filled.append(current)
    return filled


def _unqualified_are_guardians(apart: list[Heading]) -> bool:
    """Tell whether plain 'Achternaam' and 'E-mail' are the guardian's: only beside a pupil's own columns."""
    pupil = {heading.what for heading in apart if heading.who == "pupil"}
    plain = {heading.what for heading in apart if heading.who == ""}
    if any(heading.several for heading in apart) or pupil & {"name", "given", "surname"}:
        return not any(heading.who == "guardian" for heading in apart)
    about_pupil = plain & {"birth", "group", "year"} or pupil & {"birth", "group", "year"}
    guardians = any(heading.who == "guardian" for heading in apart)
    return "key" in pupil and "email" in plain and not about_pupil and not guardians


def _mother_is_first(apart: list[Heading]) -> dict[int, int]:
    relations = [heading.relation for heading in apart if heading.relation]
    if not relations:
        return {}
    order = list(dict.fromkeys(relations))
    return {index: order.index(one.relation) + 1 for index, one in enumerate(apart) if one.relation}


def _meaning(heading: Heading, number: int, on_guardian: bool, pupils_own: bool) -> str:
    what = heading.what
    if what in ("", IGNORE):
        return what
    if heading.who == "pupil":
        return f"pupil.{what}" if what in PUPIL_FIELDS else IGNORE
    if heading.who == "guardian":
        return f"guardian{number}.{what}" if what in GUARDIAN_FIELDS else IGNORE
    if what in ("birth", "group", "year", "left"):
        return f"pupil.{what}"
    if what in ("relation", "authority"):
        return f"guardian1.{what}"
    if what in ("email", "phone"):
        return IGNORE if pupils_own else f"guardian{number}.{what}"
    if on_guardian and what in GUARDIAN_FIELDS:
        return f"guardian1.{what}"
    return f"pupil.{what}" if what in PUPIL_FIELDS else IGNORE if what in GUARDIAN_FIELDS else ""


def _tidy(meanings: list[str], apart: list[Heading]) -> tuple[str, ...]:
    """'Naam' beside 'Voornaam' is the surname (Belgian lists)."""
    for who in ("pupil", "guardian1", "guardian2"):
        if f"{who}.name" in meanings and f"{who}.surname" not in meanings and f"{who}.given" in meanings:
            meanings[meanings.index(f"{who}.name")] = f"{who}.surname"
    return tuple(meanings)


def relation_of(headings: Sequence[str], number: int) -> str:
    """Return 'mother' or 'father' when the columns of that guardian are headed so, else ''."""
    apart = [take_apart(text) for text in headings]
    numbers = _mother_is_first(apart)
    for index, heading in enumerate(apart):
        if heading.relation and numbers[index] == number:
            return heading.relation
    return ""
