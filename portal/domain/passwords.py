"""Passwords: how they are kept, checked and refused when everybody would guess them.

Hashing is slow on purpose and takes 19 MiB, so each process does only a few at once, in threads of their own:
each thread that ever hashed keeps what it took. It never happens inside a write transaction: hash first, then
`start_writing()`.
"""

import gzip
import re
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

from portal.errors import Refused
from portal.names import fold
from portal.words import gettext

SHORTEST, LONGEST = 8, 200
LONGEST_WAIT = 15.0
COMMON = Path(__file__).parent.parent / "data" / "common_passwords.txt.gz"

Hashed = TypeVar("Hashed", str, bool)

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# For who is unknown or has no password: checking takes as long as for everybody.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$klXtARWIWjepKsIdumMRVA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def hash_password(password: str) -> str:
    """Return how a password is kept. Raises Refused when too many people are logging in at this moment."""
    return _in_turn(_hasher.hash, _normal(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed; takes the same time when there is none."""
    try:
        return (
            _in_turn(_hasher.verify, password_hash or _NOBODY, _normal(password))
            and password_hash is not None
        )
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Whether the password was hashed with other settings than today's."""
    return _hasher.check_needs_rehash(password_hash)


def _in_turn(work: Callable[..., Hashed], *args: str) -> Hashed:
    """Do it in one of the few threads that hash. Raises Refused when none comes free for too long."""
    done = _hashing().submit(work, *args)
    try:
        return done.result(LONGEST_WAIT)
    except TimeoutError:
        if done.cancel():
            raise Refused(gettext("Many people are logging in right now. Try again in a minute.")) from None
        return done.result()


@lru_cache(maxsize=1)
def _hashing() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(int(current_app.config["HASHES_AT_ONCE"]), "hashing")


def _normal(password: str) -> str:
    """Return the password as every keyboard and every system would send it."""
    return unicodedata.normalize("NFKC", password)[:LONGEST]


def refuse_weak(password: str, own_words: Iterable[str | None]) -> None:
    """Raise Refused (field `new_password`) for a password that is short, common or the person's own name.

    `own_words`: e-mail address, names and the name of the school. There are no rules on kinds of characters.
    """
    problem = _problem(_normal(password), own_words)
    if problem:
        raise Refused(problem, "new_password")


def _problem(password: str, own_words: Iterable[str | None]) -> str:
    if len(password) < SHORTEST:
        return gettext("Choose a password of at least %(number)s characters.", number=SHORTEST)
    if len(set(password.casefold())) < 3 or is_common(password):
        return gettext("Many people use this password, so it is guessed soon. Choose another one.")
    if _letters(password) in _own(own_words):
        return gettext("A password with your own name, your address or the school's is guessed soon.")
    return ""


def _own(words: Iterable[str | None]) -> set[str]:
    whole = {_letters(word) for word in words if word}
    parts = {_letters(part) for word in words if word and "@" in word for part in word.split("@")}
    return {word for word in whole | parts if word}


def _letters(text: str) -> str:
    """Return what is left without capitals, accents, spaces, and figures or signs at the end."""
    return re.sub(r"[\W\d_]+$", "", re.sub(r"[\s.\-_]", "", fold(text)))


def is_common(password: str) -> bool:
    """Whether the password is one that everybody tries first; the list is read only when it is needed."""
    passwords = b"\n" + gzip.decompress(COMMON.read_bytes())
    return b"\n%s\n" % password.casefold().encode() in passwords
