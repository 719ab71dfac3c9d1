"""When a letter goes: outside the hours in which school leaves parents alone."""

from datetime import datetime, time, timedelta

from portal import clock

TIME_TO_TAKE_BACK = timedelta(minutes=2)


def is_quiet(moment: datetime, quiet_from: time, quiet_until: time) -> bool:
    """Whether a moment falls in the quiet hours on the school's clock; equal: there are none."""
    at = clock.to_local(moment).time()
    if quiet_from <= quiet_until:
        return quiet_from <= at < quiet_until
    return at >= quiet_from or at < quiet_until


def first_good(moment: datetime, quiet_from: time, quiet_until: time) -> datetime:
    """Return the first moment from this one on that is not in the quiet hours."""
    if not is_quiet(moment, quiet_from, quiet_until):
        return moment
    local = clock.to_local(moment)
    day = local.date() if local.time() < quiet_until else local.date() + timedelta(days=1)
    return clock.at_local(f"{day} {quiet_until:%H:%M}")


def usual_time(moment: datetime, quiet_from: time, quiet_until: time) -> datetime:
    """Return the time that is offered for later: a half hour that lies at least an hour ahead, or after the
    quiet hours.
    """
    if is_quiet(moment, quiet_from, quiet_until):
        return first_good(moment, quiet_from, quiet_until)
    local = clock.to_local(moment)
    half = local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1, minutes=30)
    ahead = half if local.minute <= 30 else half + timedelta(minutes=30)
    return first_good(ahead, quiet_from, quiet_until)
