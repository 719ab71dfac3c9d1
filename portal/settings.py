"""Which settings there are and what each may be, so that a wrong one is named at the start."""

import os
import re
import tomllib
from collections.abc import Callable, Collection, MutableMapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PREFIX = "PORTAL_"
FILE = "portal.toml"
ELSEWHERE = {"INSTANCE"}
"""Read before the settings are."""

FAMILIES = ("SQLALCHEMY_", "WTF_", "BABEL_")
"""Of libraries, which have more settings than we use."""

TRUTHS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


class WrongSetting(RuntimeError):
    """A setting is not what it may be; the message names it, not what it holds: that may be a password."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a setting may be, in words, and how it is read; reading raises ValueError."""

    words: str
    read: Callable[[Any], object]


def _whole(lowest: int, highest: int) -> Kind:
    def read(value: object) -> int:
        number = int(str(value))
        if isinstance(value, bool) or not lowest <= number <= highest:
            raise ValueError
        return number

    return Kind(f"a whole number from {lowest} to {highest}", read)


def _seconds(value: object) -> float:
    number = float(str(value))
    if not 0 < number <= 600:
        raise ValueError
    return number


def _truth(value: object) -> bool:
    if (found := TRUTHS.get(str(value).strip().lower())) is None:
        raise ValueError
    return found


def _address(value: object) -> str:
    parts = urlsplit(str(value))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError
    return str(value)


def _database(value: object) -> str:
    if value and not re.match(r"sqlite:|postgres(ql)?(\+psycopg)?://", str(value)):
        raise ValueError
    return str(value or "")


WORDS = Kind("words", str)
TRUTH = Kind("true or false", _truth)
PORT = _whole(1, 65_535)
KINDS = {
    "BASE_URL": Kind("the address of the portal, like https://ouders.school.nl", _address),
    "DATABASE_URL": Kind("the address of a database: sqlite:///… or postgresql://…", _database),
    "TRUSTED_PROXIES": _whole(0, 10),
    "MAX_CONTENT_LENGTH": _whole(100_000, 1_000_000_000),
    "MAX_FORM_MEMORY_SIZE": _whole(100_000, 1_000_000_000),
    "MAIL_PORT": PORT,
    "MAIL_IMAP_PORT": PORT,
    "MAIL_TIMEOUT": Kind("a number of seconds, at most 600", _seconds),
    "MAIL_USE_TLS": TRUTH,
    "MAIL_USE_SSL": TRUTH,
    "HASHES_AT_ONCE": _whole(1, 64),
    "VIDEO_SERVICE": Kind("an address, like https://meet.jit.si", _address),
    **dict.fromkeys(
        (
            "SECRET_KEY", "MAIL_SERVER", "MAIL_USERNAME", "MAIL_PASSWORD", "MAIL_DEFAULT_SENDER",
            "MAIL_CA_FILE", "MAIL_BOUNCE_ADDRESS", "MAIL_IMAP_SERVER", "MAIL_IMAP_USERNAME",
            "MAIL_IMAP_PASSWORD", "MAIL_IMAP_FOLDER", "CLAMAV",
        ),
        WORDS,
    ),
}  # fmt: skip
"""Other settings are read as they are."""

OTHERS = {
    "MAIL_PER_MINUTE", "EXTRA_HOSTS", "TEST_NOW", "MAIL_DEBUG", "MAIL_MAX_EMAILS", "MAIL_SUPPRESS_SEND",
    "MAIL_ASCII_ATTACHMENTS",
}  # fmt: skip


def read_file(path: Path) -> dict[str, Any]:
    """Return what the file of settings says; nothing when there is none. Raises WrongSetting."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise WrongSetting(f"{path.name} cannot be understood: {error}") from None
    except OSError as error:
        raise WrongSetting(f"{path.name} cannot be read: {error.strerror}") from None


def make_right(config: MutableMapping[str, Any]) -> None:
    """Turn each setting into what it must be. Raises WrongSetting that names each one that cannot be."""
    wrong = []
    for name, kind in KINDS.items():
        value = config.get(name)
        if value is None:
            continue
        if kind is WORDS and not isinstance(value, str):
            # The environment's digits are a number to Flask, and a password must stay as it was typed.
            value = os.environ.get(PREFIX + name, value)
        try:
            config[name] = kind.read(value)
        except ValueError:
            wrong.append(f"{PREFIX}{name} must be {kind.words}")
    if wrong:
        raise WrongSetting("; ".join(wrong))


def unknown(path: Path, known: Collection[str]) -> tuple[list[str], list[str]]:
    """Return the names that mean nothing to us: those that must be mistakes, with what is like
    them, and those of the environment that may be somebody else's.
    """
    names = {*KINDS, *OTHERS, *ELSEWHERE, *known}
    given = [name.removeprefix(PREFIX) for name in os.environ if name.startswith(PREFIX)]
    mistakes = [_like(name, names) or name for name in read_file(path) if not _is_one(name, names)]
    others: list[str] = []
    for name in given:
        if not _is_one(name, names):
            like = _like(name, names)
            (mistakes if like else others).append(like or PREFIX + name)
    return mistakes, others


def _is_one(name: str, names: Collection[str]) -> bool:
    return name.partition("__")[0] in names or name.startswith(FAMILIES)


def _like(name: str, names: Collection[str]) -> str:
    like = get_close_matches(name.upper(), names, 1, 0.8)
    return f"{name} (is it {like[0]}?)" if like else ""
