"""What `portal check` finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it is right, and the sentence that says so or what to do."""

    ok: bool
    about: str
    sentence: str
