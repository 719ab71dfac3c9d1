"""What a row says otherwise of an adult who is known. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from portal.domain.importers.rows import GuardianRow, TeacherRow
from portal.domain.roster_likeness import adult_name
from portal.domain.roster_plan import Change, Plan
from portal.domain.roster_snapshot import AdultNow


def shown(person: AdultNow | GuardianRow | TeacherRow) -> str:
    """Return the name of an adult, or the address where there is none."""
    return adult_name(person) or (person.email or "")


def change_adult(
    plan: Plan,
    adult: AdultNow,
    row: GuardianRow | TeacherRow,
    of: str,
    by_email: Mapping[str, AdultNow],
    about: str,
) -> None:
    """Note what the row says otherwise; what the person changed in the portal begins with its box off."""

    def change(field: str, old: str, new: str, values: Mapping[str, object], conflict: bool = False) -> None:
        plan.changes.append(
            Change(
                f"{of}-{adult.id}-{field}",
                shown(adult),
                about,
                not conflict,
                of=of,
                ident=adult.id,
                field=field,
                old=old,
                new=new,
                values=values,
                conflict=conflict,
            )
        )

    names = {
        "given_name": row.given_name or adult.given_name,
        "initials": row.initials or adult.initials,
        "prefix": row.prefix if row.surname else adult.prefix,
        "surname": row.surname or adult.surname,
    }
    old_names = {name: getattr(adult, name) for name in names}
    if of == "teacher" and row.initials and row.given_name == row.initials:
        names["given_name"] = adult.given_name or row.given_name
    if names != old_names:
        new = replace(
            adult,
            given_name=names["given_name"],
            initials=names["initials"],
            prefix=names["prefix"],
            surname=names["surname"],
        )
        if shown(new) == shown(adult):
            change("initials", adult.initials, new.initials, names)
        else:
            change("name", shown(adult), shown(new), names)
    if row.email and row.email != adult.email and row.email not in by_email:
        change("email", adult.email or "", row.email, {"email": row.email}, adult.own_email)
    if isinstance(row, GuardianRow) and row.phone:
        same = row.phone_e164 == adult.phone_e164 if adult.phone_e164 else row.phone == adult.phone
        if not same:
            values = {"phone": row.phone, "phone_e164": row.phone_e164}
            change("phone", adult.phone, row.phone, values, adult.own_phone)
