"""Keeps the catalogs equal to the source, and takes in translations.

    python tools/messages.py                    update nl and en, name what is missing
    python tools/messages.py nl < map.json      also take in {"English sentence": "Nederlandse zin"}

A plural is {"%(num)s child": ["%(num)s kind", "%(num)s kinderen"]}; a sentence with a context is keyed
"context|sentence". The catalogs hold neither dates nor line numbers, so a change of the source changes only
the lines that it concerns.
"""

import fcntl
import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from babel.util import pathmatch

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "portal"
TRANSLATIONS = SOURCE / "translations"
IDENTITY = "en"
LANGUAGES = ("nl", IDENTITY)
KEYWORDS = DEFAULT_KEYWORDS | {
    "_l": None,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}
PLURAL_FORMS = {"nl": "nplurals=2; plural=(n != 1);", "en": "nplurals=2; plural=(n != 1);"}
NUMBERS = {"num", "n", "count"}

Strings = tuple[str, ...]


def extracted_messages() -> tuple[Catalog, list[str]]:
    """Every sentence of the source in a catalog without translations, and the files that cannot be read."""
    found = Catalog(fuzzy=False)
    broken = []
    with (ROOT / "babel.cfg").open() as config:
        methods, options = parse_mapping_cfg(config)
    for path in sorted(SOURCE.rglob("*")):
        name = path.relative_to(SOURCE).as_posix()
        for pattern, method in methods:
            if path.is_file() and pathmatch(pattern, name):
                try:
                    messages = list(
                        extract_from_file(method, path, KEYWORDS, ("Translators:",), options.get(pattern))
                    )
                except Exception as error:
                    broken.append(f"{path.relative_to(ROOT)}: {error}")
                    break
                for _, message, comments, context in messages:
                    found.add(message, auto_comments=comments, context=context)
                break
    return found, broken


def read_catalog(language: str) -> Catalog:
    path = catalog_path(language)
    if not path.exists():
        return Catalog(language)
    with path.open("rb") as file:
        return read_po(file, language)


def catalog_path(language: str) -> Path:
    return TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"


def catalog_text(language: str, catalog: Catalog) -> bytes:
    body = io.BytesIO()
    write_po(body, catalog, width=110, no_location=True, omit_header=True, sort_output=True)
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {language}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {PLURAL_FORMS[language]}\\n"\n\n'
    )
    return header.encode() + body.getvalue().lstrip(b"\n")


def write_catalog(language: str, catalog: Catalog) -> None:
    text = catalog_text(language, catalog)
    path = catalog_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != text:
        replace(path, text)
    compile_catalog(language)


def compile_catalog(language: str) -> None:
    """Make the binary catalog that the app reads, when it is not there or the text is newer."""
    source, target = catalog_path(language), catalog_path(language).with_suffix(".mo")
    if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
        return
    binary = io.BytesIO()
    write_mo(binary, read_catalog(language))
    replace(target, binary.getvalue())


def replace(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(f"{path.suffix}.new")
    temporary.write_bytes(content)
    temporary.replace(path)


def merged(source: Catalog, old: Catalog, language: str, keep_obsolete: bool = False) -> Catalog:
    """The sentences of the source, with the translations there are."""
    new = Catalog(language)
    for message in old if keep_obsolete else ():
        if message.id:
            new[message.id] = message
    for message in source:
        if not message.id:
            continue
        before = old.get(ids(message)[0], message.context)
        string: str | Strings = "" if isinstance(message.id, str) else ("", "")
        if language == IDENTITY:
            string = message.id
        elif before is not None and isinstance(before.id, str) == isinstance(message.id, str):
            string = before.string
        new.add(message.id, string, auto_comments=message.auto_comments, context=message.context)
    return new


def take_in(catalog: Catalog, translations: dict[str, str | list[str]]) -> Iterator[str]:
    """Put the translations in their places; name those that have none."""
    by_key = {key(message): message for message in catalog if message.id}
    for name, value in translations.items():
        message = by_key.get(name)
        strings = (value,) if isinstance(value, str) else tuple(value)
        if message is None:
            yield f"not in the source: {name!r}"
        elif len(strings) != len(ids(message)):
            yield f"needs {len(ids(message))} form(s): {name!r}"
        elif problem := slot_problem(ids(message), strings):
            yield f"{problem}: {name!r}"
        else:
            message.string = strings[0] if isinstance(message.id, str) else strings
            message.flags.discard("fuzzy")


def key(message: Message) -> str:
    return f"{message.context}|{ids(message)[0]}" if message.context else ids(message)[0]


def ids(message: Message) -> Strings:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def strings(message: Message) -> Strings:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def slot_problem(originals: Strings, translations: Strings) -> str | None:
    """Say which named slots a translation has too many or lacks."""
    allowed = set().union(*map(slots, originals))
    for number, translation in enumerate(translations):
        original = originals[min(number, len(originals) - 1)]
        if extra := slots(translation) - allowed:
            return f"unknown slot {', '.join(sorted(extra))}"
        # The singular may leave the number out: "one child", "een kind".
        if (
            lost := slots(original)
            - slots(translation)
            - (NUMBERS if len(originals) > 1 and number == 0 else set())
        ):
            return f"lacks slot {', '.join(sorted(lost))}"
        if bare_percent(translation) and slots(original):
            return "a bare % (write %%)"
    return None


def slots(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)[sd]", text))


def bare_percent(text: str) -> bool:
    return bool(re.search(r"%(?!\(\w+\)[sd]|%)", text.replace("%%", "")))


def untranslated(catalog: Catalog) -> Iterator[str]:
    for message in catalog:
        if message.id and (message.fuzzy or not all(strings(message))):
            yield key(message)


def main(arguments: list[str]) -> int:
    taken: dict[str, dict[str, str | list[str]]] = {}
    if arguments:
        language = arguments[0]
        if language not in LANGUAGES:
            print(f"no such language: {language}", file=sys.stderr)
            return 2
        taken[language] = json.load(sys.stdin)
    with (ROOT / "babel.cfg").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        source, broken = extracted_messages()
        for problem in broken:
            print(f"cannot be read, so no sentence is dropped: {problem}", file=sys.stderr)
        for language in LANGUAGES:
            catalog = merged(source, read_catalog(language), language, keep_obsolete=bool(broken))
            for problem in take_in(catalog, taken.get(language, {})):
                print(f"{language}: {problem}")
            write_catalog(language, catalog)
            missing = list(untranslated(catalog))
            print(f"{language}: {len(catalog)} sentences, {len(missing)} missing")
            for name in missing:
                print(f"  {json.dumps(name, ensure_ascii=False)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
