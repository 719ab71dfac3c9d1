"""What is said after a report that met another one."""

from collections.abc import Iterable, Iterator
from datetime import date

from portal import access, clock
from portal.access import Viewer
from portal.domain import absence_lists
from portal.domain.absence_lists import AbsenceFacts
from portal.domain.absence_reports import Reported
from portal.formatting import long_date
from portal.models.absence import Absence
from portal.words import gettext


def reported_words(reported: Iterable[Reported], reader: Viewer) -> Iterator[str]:
    """Yield a sentence for everything that a report left as it was, made shorter, or lets hold again."""
    for each in reported:
        numbers = [absence.id for absence in each.standing]
        facts = {one.id: one for one in absence_lists.absences_by_number(reader, numbers)} if numbers else {}
        if each.standing and not each.made:
            stays = _stays(facts[each.absence.id], reader)
            yield f"{stays} {_is_kept(facts[each.absence.id])}" if each.is_visit else stays
        elif each.standing and each.is_visit:
            yield from beside_words(each.standing[:1], reader)
        elif each.standing:
            yield _keeps_its_days(facts[each.standing[0].id], each)
        if each.shortened:
            yield from shortened_words(each.shortened, each.made[0].first_day, reader)
        yield from back_words(each.back, reader)


def beside_words(standing: Iterable[Absence], reader: Viewer) -> Iterator[str]:
    """Yield a sentence for each whole-day absence beside which a visit was reported."""
    numbers = [absence.id for absence in standing]
    for facts in absence_lists.absences_by_number(reader, numbers) if numbers else []:
        yield f"{_known_already(facts)} {_is_kept(facts)}"


def _is_kept(facts: AbsenceFacts) -> str:
    return gettext(
        "Your report is kept, and holds on the days on which %(name)s is not absent all day after all.",
        name=facts.pupil_name,
    )


def shortened_words(shortened: Iterable[Absence], first_day: date, reader: Viewer) -> Iterator[str]:
    """Yield a sentence for each absence that keeps only days before or after a report from `first_day`, or,
    as a visit may, none of its days.
    """
    numbers = [absence.id for absence in shortened]
    for facts in absence_lists.absences_by_number(reader, numbers) if numbers else []:
        yield _is_shorter(facts, first_day)


def withdrawn_words(name: str, held: bool) -> str:
    """Return what is said of a report that is taken back, by whether the child was absent by it."""
    if held:
        return gettext("Your report about %(name)s is taken back. School expects %(name)s.", name=name)
    return gettext("Your report about %(name)s is taken back.", name=name)


def back_words(back: Iterable[Absence], reader: Viewer) -> Iterator[str]:
    """Yield a sentence for each visit that holds again, now that no whole day takes its place any more."""
    numbers = [absence.id for absence in back]
    for facts in absence_lists.absences_by_number(reader, numbers) if numbers else []:
        yield _holds_again(facts)


def _stays(facts: AbsenceFacts, reader: Viewer) -> str:
    if access.may_correct(reader, facts, clock.today()):
        return gettext(
            "School already knew that %(name)s is absent on these days. That report stays as it is below. "
            "Must it be different? Then choose “Change”.",
            name=facts.pupil_name,
        )
    return gettext(
        "School already knew that %(name)s is absent on these days. That report stays as it is below.",
        name=facts.pupil_name,
    )


def _known_already(facts: AbsenceFacts) -> str:
    names = {"name": facts.pupil_name, "kind": facts.kind, "day": long_date(facts.first_day)}
    if facts.first_day == facts.last_day:
        return gettext(
            "School already knew that %(name)s is absent on %(day)s: %(kind)s. That stays.", **names
        )
    return gettext("School already knew that %(name)s is absent from %(day)s: %(kind)s. That stays.", **names)


def _keeps_its_days(facts: AbsenceFacts, reported: Reported) -> str:
    known = _known_already(facts)
    if not reported.is_cut:
        return f"{known} " + gettext("Your report is for the other days.")
    last = reported.made[0].last_day or facts.first_day
    return f"{known} " + gettext(
        "Your report is up to and including %(day)s. Is %(name)s absent after that? Then report it again.",
        day=long_date(last),
        name=facts.pupil_name,
    )


def _is_shorter(facts: AbsenceFacts, first_day: date) -> str:
    names = {"name": facts.pupil_name, "kind": facts.kind}
    if facts.withdrawn_at:
        return gettext(
            "The earlier report about %(name)s (%(kind)s) does not hold while %(name)s is absent all day.",
            **names,
        )
    if facts.last_day is None or facts.first_day > first_day:
        day = long_date(facts.first_day)
        return gettext("The earlier report about %(name)s (%(kind)s) is now from %(day)s.", day=day, **names)
    return gettext(
        "The earlier report about %(name)s (%(kind)s) is now up to and including %(day)s.",
        day=long_date(facts.last_day),
        **names,
    )


def _holds_again(facts: AbsenceFacts) -> str:
    names = {"name": facts.pupil_name, "kind": facts.kind, "day": long_date(facts.first_day)}
    if facts.last_day is None:
        return gettext("The earlier report about %(name)s (%(kind)s) holds again, from %(day)s.", **names)
    if facts.last_day == facts.first_day:
        return gettext("The earlier report about %(name)s (%(kind)s) holds again, on %(day)s.", **names)
    return gettext(
        "The earlier report about %(name)s (%(kind)s) holds again,"
        " from %(day)s up to and including %(last)s.",
        last=long_date(facts.last_day),
        **names,
    )
