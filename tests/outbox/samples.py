"""What mail servers, programs and people send back, each written in the style of its kind."""

from pathlib import Path

from portal.domain.bounces import AUTOMATIC, BOUNCE, DELAY, PERSON

HERE = Path(__file__).parent

RETURNED = {
    "exchange_words": (BOUNCE, "5.1.1"),
    "exim_delayed": (DELAY, ""),
    "exim_gave_up": (BOUNCE, "4.3.0"),
    "exim_report": (BOUNCE, "5.1.1"),
    "exim_words": (BOUNCE, "5.1.1"),
    "gmail_delayed_words": (DELAY, ""),
    "gmail_report": (BOUNCE, "5.1.1"),
    "gmail_unwanted_report": (BOUNCE, "5.7.1"),
    "gmail_words": (BOUNCE, "5.2.1"),
    "office365_edge_blocking": (BOUNCE, "5.1.1"),
    "office365_report": (BOUNCE, "5.1.10"),
    "outlook_com_report": (BOUNCE, "5.1.1"),
    "outlook_words": (BOUNCE, "5.1.1"),
    "postfix_bare_words": (BOUNCE, "5.1.1"),
    "postfix_delayed": (DELAY, ""),
    "postfix_full_mailbox": (BOUNCE, "4.2.2"),
    "postfix_unknown_user": (BOUNCE, "5.1.1"),
    "qmail_words": (BOUNCE, "5.1.1"),
}
"""Each report, with what it is and the code that it gives."""

ANSWERS = {
    "complaint": AUTOMATIC,
    "delivered_report": DELAY,
    "gmail_vacation": AUTOMATIC,
    "gone_employee": AUTOMATIC,
    "out_of_office_without_headers": AUTOMATIC,
    "person_answers": PERSON,
    "person_forwards_report": PERSON,
    "read_receipt": AUTOMATIC,
    "ticket_system": AUTOMATIC,
    "vacation_exchange": AUTOMATIC,
    "vacation_null_sender_postmaster": AUTOMATIC,
    "vacation_old_unix": AUTOMATIC,
    "vacation_sieve": AUTOMATIC,
}
"""What is no report of a mail that did not arrive."""


def sample(name: str, to: str, message_id: str = "<abc@127.0.0.1>") -> bytes:
    """Return a mail that came back to an address, about one of our mails."""
    folder = "returned" if name in RETURNED else "answers"
    text = (HERE / folder / f"{name}.eml").read_text()
    return text.replace("{to}", to).replace("{message_id}", message_id).encode()
