"""Why mail to somebody came back, in the words in which the office and who writes letters read it."""

from portal.words import gettext


def why_bounced(failure: str) -> str:
    """Return in words what the mail server's code says (RFC 3463)."""
    if failure.startswith("gave up"):
        return gettext("The mail server of this address did not answer for a week.")
    if failure in ("550", "551", "553") or failure.startswith(("5.1.", "550")):
        return gettext("This address does not exist.")
    if failure == "552" or failure.startswith(("5.2.2", "4.2.2")):
        return gettext("The mailbox is full.")
    if failure.startswith("5.2.1"):
        return gettext("This mailbox is closed.")
    if failure.startswith("5.7"):
        return gettext("The mail server of this address took the mail for unwanted.")
    return gettext("The mail server of this address refused the mail (%(code)s).", code=failure or "?")
