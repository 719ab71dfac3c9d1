"""How dates, times and phone numbers read on the page, in the reader's language."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import phonenumbers
from babel.dates import format_date, get_day_names
from babel.lists import format_list
from flask import Flask

from portal import clock
from portal.words import gettext, language

_LONG = {"nl": "EEEE d MMMM", "en": "EEEE d MMMM"}
_SHORT = {"nl": "EEEEEE d MMM", "en": "EEE d MMM"}


def _with_year(pattern: str, day: date) -> str:
    return pattern if day.year == clock.today().year else f"{pattern} y"


@lru_cache(maxsize=1000)
def _written(day: date, pattern: str, language: str) -> str:
    return format_date(day, pattern, locale=language)


def clock_time(moment: datetime | time) -> str:
    """Return '8.30 uur' or '8:30', on the school's clock."""
    local = clock.to_local(moment) if isinstance(moment, datetime) else moment
    if language() == "nl":
        return f"{local.hour}.{local.minute:02d} uur"
    return f"{local.hour}:{local.minute:02d}"


def bare_time(moment: datetime | time) -> str:
    """Return '8.30' or '8:30', on the school's clock: for a table or between two times."""
    local = clock.to_local(moment) if isinstance(moment, datetime) else moment
    return f"{local.hour}{'.' if language() == 'nl' else ':'}{local.minute:02d}"


def from_until(starts_at: datetime, ends_at: datetime) -> str:
    """Return '15.00–15.10', on the school's clock."""
    return f"{bare_time(starts_at)}–{bare_time(ends_at)}"


def time_span(start: datetime, end: datetime) -> str:
    """Return '15.50–16.00 uur' or '15:50–16:00', on the school's clock."""
    return f"{bare_time(start)}–{clock_time(end)}"


def local_time(moment: datetime) -> time:
    """Return the time on the school's clock, to compare with one of its settings."""
    return clock.to_local(moment).time()


def room(name: str) -> str:
    """Return 'lokaal 3' for the number of a room, and the name of one that has a name: 'Hal'."""
    return gettext("room %(room)s", room=name) if name[:1].isdigit() else name


def long_date(day: date) -> str:
    """Return 'dinsdag 24 november'; the year only when it is not this one."""
    return _written(day, _with_year(_LONG[spoken := language()], day), spoken)


def short_date(day: date) -> str:
    """Return 'di 24 nov'; the year only when it is not this one."""
    return _written(day, _with_year(_SHORT[spoken := language()], day), spoken).replace(".", "")


def month_name(day: date) -> str:
    """Return 'november', as it stands in a sentence."""
    return format_date(day, "LLLL", locale=language())


def full_date(day: date) -> str:
    """Return '24 november 2018', with the year always: for a birthday or a letter."""
    return format_date(day, "d MMMM y", locale=language())


def iso_date(text: str) -> str:
    """Return '24 november 2018' for a date that is kept as text, '2018-11-24'."""
    return full_date(date.fromisoformat(text))


def local_date(moment: datetime) -> date:
    """Return the day of a moment on the school's own calendar."""
    return clock.to_local(moment).date()


def near_date(day: date) -> str:
    """Return 'vandaag', 'gisteren', 'morgen', or the short date."""
    match (day - clock.today()).days:
        case -1:
            return gettext("yesterday")
        case 0:
            return gettext("today")
        case 1:
            return gettext("tomorrow")
    return short_date(day)


def moment_reported(moment: datetime) -> str:
    """Return when something was done, as short as it can be said: '7.56 uur', 'gisteren', 'ma 16 nov'."""
    day = clock.to_local(moment).date()
    return clock_time(moment) if day == clock.today() else near_date(day)


def spoken_list(words: Iterable[str]) -> str:
    """Return 'Noor, Sem en Bram'."""
    return format_list(list(words), locale=language())


def either(words: Iterable[str]) -> str:
    """Return 'groep 6, groep 7 of groep 8'."""
    return format_list(list(words), style="or", locale=language())


def days_taught(weekdays: int) -> str:
    """Return the days of a teacher, a bit each from Monday, in words: 'maandag tot en met woensdag'.

    Days in a row are one piece; Monday and Friday are two.
    """
    names = get_day_names("wide", locale=language())
    pieces: list[list[str]] = []
    for number in range(5):
        if not weekdays & 1 << number:
            continue
        if number and pieces and weekdays & 1 << number - 1:
            pieces[-1].append(names[number])
        else:
            pieces.append([names[number]])
    spoken: list[str] = []
    for piece in pieces:
        if len(piece) > 2:
            spoken.append(gettext("%(first)s up to and including %(last)s", first=piece[0], last=piece[-1]))
        else:
            spoken += piece
    return spoken_list(spoken)


def phone_link(typed: str) -> str:
    """Return the `tel:` address of a phone number as typed, '' when there is none to be made of it."""
    try:
        number = phonenumbers.parse(typed, "NL")
    except phonenumbers.NumberParseException:
        return ""
    return f"tel:{phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)}"


def sentence(text: str) -> str:
    """Return the text with a capital first, the rest as it is: 'Juf Tess en meester Tim'."""
    return text[:1].upper() + text[1:]


def group_label(name: str, inside: bool = False) -> str:
    """Return 'Groep 3/4', or 'groep 3/4' inside a sentence; a name that says so itself stays as it is."""
    if not name or name.casefold().startswith(("groep", "group", "klas")):
        return name
    if inside:
        return gettext("group %(name)s", name=name)
    return gettext("Group %(name)s", name=name)


def init_app(app: Flask) -> None:
    """Make the filters known to the templates."""
    for filter_ in (
        sentence,
        group_label,
        spoken_list,
        either,
        days_taught,
        clock_time,
        bare_time,
        from_until,
        time_span,
        long_date,
        short_date,
        near_date,
        moment_reported,
        phone_link,
        full_date,
        iso_date,
        local_date,
        local_time,
        room,
    ):
        app.add_template_filter(filter_, filter_.__name__)
    app.add_template_global(clock.today, "today")
    app.add_template_global(clock.now, "now")
    app.add_template_global(timedelta, "timedelta")
