"""Names as people have them: cleaned, split, sorted and shown the Dutch way (R38). Pure."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

MAX_PART = 100
"""Characters of one part of a name; whoever takes a name in refuses a longer one in words."""

MAX_PREFIX = 40

_BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}
_INVISIBLE = {0x00AD, 0x200B, 0x2060, 0xFEFF}
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´‛", "'"))
_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})
_IGNORED_IN_ORDER = re.compile(r"['\-‐‑–—.]")

# Words that are only ever a prefix in the Netherlands: written small after a first name.
_SMALL = {
    "aan", "bij", "de", "den", "der", "het", "in", "op", "te", "ten", "ter", "thoe", "toe", "uit",
    "van", "von", "voor", "zu", "zum", "zur", "'s", "'t", "'n",
}  # fmt: skip
# Words that are a prefix when more of a surname follows, kept as they were written.
_OTHER = {
    "al", "auf", "d'", "da", "das", "de'", "degli", "del", "della", "dem", "des", "di", "do", "dos", "du",
    "el", "l'", "la", "las", "le", "les", "lo", "los", "over", "onder", "ver",
}  # fmt: skip
_GLUED = re.compile(r"(?i)^(?:'s-|d'|l')(?=\w)")


def clean(text: str) -> str:
    """Return the text on one line, in normal form, without characters that nobody can see."""
    kept = []
    for character in unicodedata.normalize("NFC", text):
        point = ord(character)
        if point in _BIDI or point in _INVISIBLE or 0xD800 <= point <= 0xDFFF:
            continue
        kept.append(" " if unicodedata.category(character) in ("Cc", "Zl", "Zp", "Zs") else character)
    return " ".join("".join(kept).split())


def clean_lines(text: str) -> str:
    """Return a longer text with each line cleaned, and never more than one empty line between two others."""
    lines = [clean(line) for line in text.splitlines()]
    kept = [line for number, line in enumerate(lines) if line or (number and lines[number - 1])]
    return "\n".join(kept).strip()


def fold(text: str) -> str:
    """Return the text without capitals and Latin accents, for comparing and ordering.

    Turkish İ and ı both become i, ß becomes ss; Cyrillic й and other scripts keep their marks.
    """
    folded = []
    on_latin = False
    for character in unicodedata.normalize("NFKD", text.translate(_APOSTROPHES).casefold()):
        if unicodedata.combining(character):
            if not on_latin:
                folded.append(character)
            continue
        on_latin = character.isascii() or unicodedata.name(character, "").startswith("LATIN")
        folded.append(character)
    return " ".join(unicodedata.normalize("NFC", "".join(folded).translate(_LETTERS)).split())


def sort_key(given: str, prefix: str, surname: str) -> str:
    """Return what names are ordered by: core of the surname, prefix, first name (R38).

    The parts are two blanks apart, so that 'Berg' comes before 'Berg Jansen' and 'Bergsma'.
    """
    parts = (surname, prefix, given) if surname else (given, prefix, "")
    return "  ".join(_order(part) for part in parts)[:300]


def _order(part: str) -> str:
    return " ".join(_IGNORED_IN_ORDER.sub("", fold(part)).split())


def _is_prefix_word(word: str) -> bool:
    return word in _SMALL or word in _OTHER


def split_prefix(surname: str) -> tuple[str, str]:
    """Return prefix and core of a surname that may begin with its prefix: 'van der Berg', "d'Hondt".

    'De Vries' gives 'de'; 'El Amrani' keeps its capital. A surname that is only a prefix word stays whole.
    """
    words = surname.split()
    taken = 0
    for word in words[:-1]:
        if not _is_prefix_word(word.translate(_APOSTROPHES).casefold()):
            break
        taken += 1
    prefix = [_small(word) for word in words[:taken]]
    core = " ".join(words[taken:])
    glued = _GLUED.match(core.translate(_APOSTROPHES))
    if glued and len(core) > glued.end():
        prefix.append(core[: glued.end()])
        core = core[glued.end() :]
    joined = " ".join(prefix)
    if len(joined) > MAX_PREFIX:
        return "", surname
    return joined, core


def _small(word: str) -> str:
    lowered = word.casefold()
    return lowered if lowered.translate(_APOSTROPHES) in _SMALL else word


def split_full(name: str) -> tuple[str, str, str]:
    """Return first name, prefix and surname of a whole name, in either order.

    'Sanne van der Berg', 'Berg, Sanne van der', 'van der Berg, Sanne' and 'Berg, van der, Sanne' are one.
    """
    parts = [part.strip() for part in name.split(",") if part.strip()]
    if len(parts) >= 2:
        return _split_reversed(parts)
    words = name.split()
    for index, word in enumerate(words):
        if index and _is_prefix_word(word.translate(_APOSTROPHES).casefold()) and index < len(words) - 1:
            return " ".join(words[:index]), *split_prefix(" ".join(words[index:]))
    if len(words) < 2:
        return name.strip(), "", ""
    return " ".join(words[:-1]), *split_prefix(words[-1])


def _split_reversed(parts: list[str]) -> tuple[str, str, str]:
    prefix, core = split_prefix(parts[0])
    middle = " ".join(parts[1:-1])
    words = parts[-1].split()
    tail = len(words)
    while tail > 1 and _is_prefix_word(words[tail - 1].translate(_APOSTROPHES).casefold()):
        tail -= 1
    behind = [_small(word) for word in [*middle.split(), *words[tail:]]]
    return " ".join(words[:tail]), " ".join([*behind, *([prefix] if prefix else [])]), core


def surname_with_prefix(prefix: str, surname: str) -> str:
    """Return 'van der Berg' or "d'Hondt"."""
    if not prefix or not surname:
        return surname or prefix
    glued = prefix.translate(_APOSTROPHES)[-1] == "-" or bool(
        re.search(r"(?i)(?:^| )[dl]'$", prefix.translate(_APOSTROPHES))
    )
    return prefix + surname if glued else f"{prefix} {surname}"


def full(given: str, prefix: str, surname: str) -> str:
    """Return 'Sanne van der Berg'."""
    return " ".join(part for part in (given, surname_with_prefix(prefix, surname)) if part)


def of_institution(name: str, organisation: str | None) -> str:
    """Return 'Els Jansen (William Schrikker)' for who is a guardian on behalf of an institution (R23)."""
    return f"{name} ({organisation})" if name and organisation else name or organisation or ""


def of_adult(given: str, prefix: str, surname: str, organisation: str | None, email: str | None) -> str:
    """Return the name of an adult as a list has it; of who has none the institution, else the address."""
    return of_institution(full(given, prefix, surname), organisation) or email or ""


def listed(given: str, prefix: str, surname: str) -> str:
    """Return 'Berg, Sanne van der', as it stands in an ordered list."""
    if not surname:
        return full(given, prefix, surname)
    behind = " ".join(part for part in (given, prefix) if part)
    return f"{surname}, {behind}" if behind else surname


def initials(given: str, surname: str) -> str:
    """Return 'SB' for the round sign beside a name."""
    return "".join(_first_letter(part) for part in (given, surname))


def _first_letter(part: str) -> str:
    for index, character in enumerate(part):
        if character.isalnum():
            end = index + 1
            while end < len(part) and end < index + 4 and unicodedata.combining(part[end]):
                end += 1
            return part[index:end].upper()
    return ""


def told_apart(children: Iterable[tuple[int, str, str, str]]) -> dict[int, str]:
    """Return what each child is called: by first name; with an initial or in full where two have the same.

    `children`: number, first name, prefix and surname of each.
    """
    people = {number: (given, prefix, surname) for number, given, prefix, surname in children}
    first = {
        number: given or full(given, prefix, surname) for number, (given, prefix, surname) in people.items()
    }
    initial = {
        number: f"{first[number]} {initials('', surname)}." if surname else first[number]
        for number, (_given, _prefix, surname) in people.items()
    }
    ways = [(way, Counter(fold(name) for name in way.values())) for way in (first, initial)]
    called = {}
    for number, name in people.items():
        alone = (way[number] for way, times in ways if times[fold(way[number])] == 1)
        called[number] = next(alone, full(*name))
    return called
