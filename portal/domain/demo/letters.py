"""The letters of De Lindeboog: of the school and of teachers, the last weeks; most parents have read most."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from sqlalchemy import bindparam, delete, exists, select, update

from portal import clock
from portal.access import Viewer
from portal.domain.attachments import add_to_letter
from portal.domain.demo import slips
from portal.domain.demo.letter_files import drawing, text_file
from portal.domain.demo.notices import BOUNCE
from portal.domain.demo.people import Adult
from portal.domain.demo.plan import Plan
from portal.domain.letter_audience import GROUP, SCHOOL, Part
from portal.domain.letters import Words, begin, save, send_due
from portal.domain.mail_trouble import LETTER_KINDS
from portal.domain.notice_choices import PORTAL
from portal.domain.school_days import SchoolDays
from portal.extensions import UtcDateTime, db
from portal.formatting import month_name
from portal.models.accounts import User
from portal.models.letters import Letter, LetterRecipient
from portal.models.notices import NoticeChoice
from portal.models.outbox import OutgoingMessage

READ = 0.85
NOT_READ_YET = 2
"""So many of the newest letters the first parent has still to read."""
DIRECTION = "de directie"


@dataclass(frozen=True, slots=True)
class DemoLetter:
    """A letter and how many days ago it went. `levels`: the year groups it is for, none for the school.

    `with_files`: the programme goes along, and a photo that its text shows; and it has a reply slip.
    """

    days_ago: int
    title: str
    text: str
    levels: tuple[int, ...] = ()
    at: time = time(15, 30)
    with_files: bool = False


PROGRAMME = (
    "9.00 uur   Vertrek van school",
    "9.30 uur   Rondleiding: wonen vroeger",
    "11.00 uur   Een oud spel maken",
    "12.00 uur   Lunch in de tuin",
    "13.00 uur   Spelen zoals toen",
    "14.00 uur   Terug op school",
)
GREETING = "Beste ouders en verzorgers,"
LETTERS = (
    DemoLetter(
        320,
        "Fijne vakantie",
        f"{GREETING}\n\nHet schooljaar zit er bijna op. Dank voor alle hulp in de groepen, bij de "
        "uitjes en in "
        "de bibliotheek.\n\nWij wensen u een fijne vakantie.\n\nMet vriendelijke groet,\nde directie",
    ),
    DemoLetter(
        19,
        "Luizencontrole: alles in orde",
        f"{GREETING}\n\nDe luizencontrole is geweest. Wij vonden in geen enkele groep iets.\n\n"
        "Wilt u de volgende keer helpen met controleren? Zeg het bij het hek tegen de leerkracht.\n\n"
        "Met vriendelijke groet,\nde directie",
    ),
    DemoLetter(
        14,
        "Nieuwsbrief {month}",
        f"{GREETING}\n\n## Een nieuwe bibliotheek\nOnze bibliotheek is klaar. Elke groep leent voortaan één "
        "keer in de week boeken. De boeken blijven drie weken thuis.\n\n## Veilig naar "
        "school\nZet uw auto niet "
        "op de stoep voor het hek. Kinderen die oversteken, ziet u dan niet. Er is plaats op het "
        "plein bij de "
        "kerk, **twee minuten lopen**.\n\n## Wie helpt ons?\nWij zoeken ouders voor:\n\n"
        "- voorlezen in groep 1/2, op dinsdag\n- de moestuin, op woensdag\n- het versieren van de hal\n\n"
        "Met vriendelijke groet,\nde directie",
    ),
    DemoLetter(
        8,
        "Naar het bos met groep 6",
        f"{GREETING}\n\nVolgende week gaan wij een ochtend naar het bos. Wij zoeken bladeren, "
        "paddenstoelen en "
        "sporen van dieren.\n\n## Wat neemt uw kind mee?\n\n- laarzen of stevige schoenen\n- een "
        "jas die vuil mag "
        "worden\n- een tasje voor wat het vindt\n\nOm 12.00 uur zijn wij terug op school.\n\n"
        "Met vriendelijke groet,\n{teacher}",
        (6,),
    ),
    DemoLetter(
        6,
        "Rapportgesprekken: kies een tijd",
        f"{GREETING}\n\nBinnenkort praten wij met u over uw kind. Op de pagina *Vandaag* kiest u "
        "zelf een tijd "
        "die u past.\n\nKomt u met twee ouders apart? Ook dat kan. Past geen van de tijden, bel "
        "dan school.\n\n"
        "Met vriendelijke groet,\nde directie",
    ),
    DemoLetter(
        1,
        "Naar het museum",
        f"{GREETING}\n\nOver twee weken gaan wij op donderdag naar het museum. Wij leren daar hoe "
        "kinderen vroeger "
        "woonden en speelden. De kinderen maken zelf een oud spel, dat ze mee naar huis nemen.\n\n"
        "![Voor het museum](foto:1)\n\n"
        "## Wat neemt uw kind mee?\n\n- een rugzak met lunch en drinken\n- een regenjas\n- geen geld en geen "
        "telefoon\n\nWij vertrekken om 9.00 uur en zijn om 14.00 uur terug op school. Wij zoeken nog "
        "**vier ouders** die kunnen rijden.\n\nMeer over het museum: https://museum.example/scholen\n\n"
        "Met vriendelijke groet,\n{teacher}",
        (3, 4),
        with_files=True,
    ),
    DemoLetter(
        0,
        "Open ochtend op school",
        f"{GREETING}\n\nVolgende week woensdag is het open ochtend. U bent welkom in de groep van "
        "uw kind, van "
        "8.30 tot 10.00 uur. Neem gerust opa en oma mee.\n\nDe koffie staat klaar in de hal.\n\n"
        "Met vriendelijke groet,\nde directie",
        at=time(7, 15),
    ),
)


def write_letters(
    plan: Plan, groups: Sequence[int], first_day: date, days: SchoolDays, seed: int, now: datetime
) -> None:
    """Send the letters of the last weeks, and one of the last school year, by the school's own verbs.

    `groups` are the numbers of this year's groups, which began on `first_day`.
    """
    head = next(one for one in plan.staff if one.role == "head")
    for one in LETTERS:
        moment = _moment(one, first_day, days, now)
        if not one.levels:
            _send(one, head, DIRECTION, [Part(SCHOOL)], moment)
        for group_id, group in zip(groups, plan.groups, strict=True):
            if one.levels and group.year_groups == one.levels:
                teacher = group.teachers[0][0]
                _send(one, teacher, teacher.called or teacher.name.full, [Part(GROUP, group_id)], moment)
    _let_be_read(plan, Random(f"{seed} letters"))  # noqa: S311
    slips.let_be_answered(plan, Random(f"{seed} slips"))  # noqa: S311
    _let_mails_have_gone(plan)
    db.session.expunge_all()


def _moment(letter: DemoLetter, first_day: date, days: SchoolDays, now: datetime) -> datetime:
    """Return a moment on a school day; of the letter of last year, in the last weeks before the summer."""
    today = clock.to_local(now).date()
    if letter.days_ago > 100:
        return datetime.combine(first_day - timedelta(days=50), letter.at, clock.SCHOOL_ZONE)
    day = today - timedelta(days=letter.days_ago)
    if not days.is_school_day(day):
        day = days.previous_school_day(day)
    moment = datetime.combine(day, letter.at, clock.SCHOOL_ZONE)
    return moment if moment < now else moment - timedelta(days=1)


def _send(letter: DemoLetter, author: Adult, sender: str, parts: list[Part], moment: datetime) -> None:
    actor = Viewer(author.id, role=author.role)
    row = begin(actor, moment - timedelta(minutes=40))
    filled = {"month": month_name(clock.to_local(moment).date()), "teacher": sender}
    words = Words(letter.title.format(**filled), letter.text.format(**filled), sender)
    save(row, words, parts, 0, moment - timedelta(minutes=5))
    if letter.with_files:
        _attach(row, actor, moment - timedelta(minutes=5))
        slips.ask(row, actor, moment)
    row.send_at = moment
    db.session.flush()
    send_due(moment)


def _attach(row: Letter, actor: Viewer, now: datetime) -> None:
    programme = text_file("Programma museumdag", "Programma museumdag", PROGRAMME)
    add_to_letter(row, programme, False, actor, now)
    add_to_letter(row, drawing("Route en parkeren", 7), False, actor, now)
    add_to_letter(row, drawing("Voor het museum", 8), True, actor, now)


def _let_be_read(plan: Plan, random: Random) -> None:
    """Let most who are in have read most; the first parent all but the newest."""
    there = {one.id for one in plan.adults if one.way_in == "active"}
    first = plan.guardians[0].id
    copies = db.session.execute(
        select(LetterRecipient.user_id, LetterRecipient.letter_id, LetterRecipient.received_at).order_by(
            LetterRecipient.received_at.desc(), LetterRecipient.letter_id, LetterRecipient.user_id
        )
    ).all()
    newest = [letter_id for user_id, letter_id, _received_at in copies if user_id == first][:NOT_READ_YET]
    read = [
        {"person": user_id, "number": letter_id, "moment": received_at + _later(random)}
        for user_id, letter_id, received_at in copies
        if user_id in there and (letter_id not in newest if user_id == first else random.random() < READ)
    ]
    db.session.connection().execute(
        update(LetterRecipient)
        .where(
            LetterRecipient.user_id == bindparam("person"), LetterRecipient.letter_id == bindparam("number")
        )
        .values(opened_at=bindparam("moment", type_=UtcDateTime)),
        read,
    )


def _later(random: Random) -> timedelta:
    return timedelta(minutes=random.randrange(3, 20))


def _let_mails_have_gone(plan: Plan) -> None:
    """Let the mail have reached who has an address that works, so that a demo school mails nobody."""
    db.session.execute(
        delete(OutgoingMessage)
        .where(OutgoingMessage.kind.in_(LETTER_KINDS))
        .execution_options(synchronize_session=False)
    )
    bounced = [one.id for one in plan.guardians if one.way_in == "bounced"]
    has_address = exists().where(User.id == LetterRecipient.user_id, User.email.is_not(None))
    sent = update(LetterRecipient).where(has_address).execution_options(synchronize_session=False)
    received = LetterRecipient.received_at
    db.session.execute(
        sent.where(LetterRecipient.user_id.in_(bounced)).values(failed_at=received, failure=BOUNCE)
    )
    in_portal = select(NoticeChoice.user_id).where(NoticeChoice.letters == PORTAL)
    reached = LetterRecipient.user_id.not_in(bounced), LetterRecipient.user_id.not_in(in_portal)
    db.session.execute(sent.where(*reached).values(mailed_at=received))
