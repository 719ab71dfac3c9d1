"""Who becomes a guardian of whom by a file, who is one no longer, and what they are to the child. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from portal.domain.importers.rows import ERROR, N_, NOTE, ChildRef, GuardianRow, Problem
from portal.domain.roster_adult_changes import shown
from portal.domain.roster_child_matching import Child
from portal.domain.roster_plan import Change, EndLink, Link, Plan
from portal.domain.roster_seats import SEATS
from portal.domain.roster_snapshot import AdultNow, GuardianshipNow, Snapshot


@dataclass(frozen=True, slots=True)
class Wish:
    """A row that makes an adult guardian of a child.

    `answered` when the office chose the child, `chosen` when it said who the adult is, other than the page,
    `guessed` when nobody has said yet that the adult is who has the row's address, under another name.
    """

    row: GuardianRow
    ref: ChildRef
    answered: bool
    chosen: bool
    guessed: bool = False

    def joined(self, other: "Wish") -> "Wish":
        """Return what two rows about one adult and child say together."""
        return replace(
            self,
            ref=self.ref.joined(other.ref),
            answered=self.answered or other.answered,
            chosen=self.chosen or other.chosen,
            guessed=self.guessed or other.guessed,
        )


def plan_links(
    now: Snapshot, plan: Plan, adults: Mapping[int, AdultNow], child: Child, wishes: Mapping[str, Wish]
) -> None:
    """Note what the rows about one child make of its guardians; who is in none is ended only when ticked."""
    plan.seated[child.token] = {pair.id: shown(adults[pair.user_id]) for pair in child.guardians}
    taken = list(plan.seated[child.token].values())
    for user, wish in wishes.items():
        pair = next((one for one in child.guardians if f"u{one.user_id}" == user), None)
        if pair is not None:
            _change_link(now, plan, pair, wish, child, shown(adults[pair.user_id]))
        else:
            known = shown(adults[int(user[1:])]) if user.startswith("u") else ""
            _add_link(now, plan, child, user, wish, shown(wish.row) or known, taken)
    for pair in child.guardians:
        if f"u{pair.user_id}" not in wishes and not child.leaves:
            plan.ending.append(
                EndLink(
                    f"end-{pair.id}",
                    child.name,
                    child.group,
                    False,
                    guardianship_id=pair.id,
                    guardian=shown(adults[pair.user_id]),
                    pupil=child.token,
                )
            )


def _add_link(
    now: Snapshot, plan: Plan, child: Child, user: str, wish: Wish, guardian: str, taken: list[str]
) -> None:
    pair = (child.pupil.id, int(user[1:])) if child.pupil and user.startswith("u") else (0, 0)
    barred, ended = pair in now.barred, pair in now.revoked
    told = wish.ref.authority
    stays_without = pair in now.without and (told is None or (told and pair in now.denied))
    blocked = len(taken) >= SEATS and not barred
    (plan.barred if barred else plan.links).append(
        Link(
            f"link-{child.token}-{user}",
            child.name,
            child.group,
            not ended,
            pupil=child.token,
            user=user,
            guardian=guardian,
            relation=wish.ref.relation,
            has_authority=told is not False and not stays_without,
            at=wish.row.at,
            stays_without=stays_without,
            blocked=blocked,
            present=tuple(taken[:SEATS]),
            was_ended=ended,
            answered=(wish.answered or wish.chosen) and not ended,
            follows=child.step,
        )
    )
    if barred:
        plan.left_out.append(_no_contact(wish.row, child))
    elif blocked:
        plan.refusals.append(_third(wish.row, child, taken))
    elif not ended:
        taken.append(shown(wish.row))


def _told(row: GuardianRow, child: Child, sentence: str, level: str, **names: str) -> Problem:
    """Return a sentence about a row and the pupil in it."""
    values = {"file": row.at.file, "line": str(row.at.line), "pupil": child.name}
    return Problem(row.at, sentence, values | names, level)


def _no_contact(row: GuardianRow, child: Child) -> Problem:
    sentence = N_(
        "%(file)s, line %(line)s: this guardian may have no contact with %(pupil)s and was left out."
        " Lift that in the arrangement of the pupil first."
    )
    return _told(row, child, sentence, NOTE)


def _third(row: GuardianRow, child: Child, taken: list[str]) -> Problem:
    sentence = N_(
        "%(file)s, line %(line)s: %(pupil)s has two guardians already: %(first)s and %(second)s."
        " A third was left out; end the access of one of them first."
    )
    return _told(row, child, sentence, ERROR, first=taken[0], second=taken[1])


def _no_authority(row: GuardianRow, child: Child) -> Problem:
    sentence = N_(
        "%(file)s, line %(line)s: this guardian has authority over %(pupil)s in the list, and not by what"
        " school decided. That stays; change it in the arrangement of the pupil."
    )
    return _told(row, child, sentence, NOTE)


def _guessed(row: GuardianRow, child: Child) -> Problem:
    sentence = N_(
        "%(file)s, line %(line)s: this guardian of %(pupil)s has the e-mail address of somebody of another"
        " name. The authority in the row was left out; the import page asks whether this is one person."
    )
    return _told(row, child, sentence, NOTE)


def _change_link(
    now: Snapshot, plan: Plan, pair: GuardianshipNow, wish: Wish, child: Child, adult: str
) -> None:
    ref = wish.ref

    def change(field: str, old: str, new: str, arranged: bool = False, **values: object) -> None:
        plan.changes.append(
            Change(
                f"link-{pair.id}-{field}",
                adult,
                child.name,
                not arranged and not wish.guessed,
                of="link",
                ident=pair.id,
                field=field,
                old=old,
                new=new,
                values=values,
                arranged=arranged,
            )
        )

    if ref.relation and ref.relation != pair.relation:
        change("relation", pair.relation, ref.relation, relation=ref.relation)
    if ref.authority is not None and ref.authority != pair.has_authority:
        had, has = ("yes" if one else "no" for one in (pair.has_authority, ref.authority))
        arranged = ref.authority and (pair.pupil_id, pair.user_id) in now.denied
        change("authority", had, has, arranged, has_authority=ref.authority)
        if arranged:
            plan.left_out.append(_no_authority(wish.row, child))
        elif wish.guessed:
            plan.left_out.append(_guessed(wish.row, child))
