"""The list of pupils, and one pupil with groups and guardians."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import all_or_404, one_or_404, viewer
from portal.blueprints.school.blueprint import bp
from portal.blueprints.school.change_forms import PupilChangeForm
from portal.blueprints.school.forms import NO_GROUP, LeavingForm, NewPupilForm, PlaceForm
from portal.blueprints.school.loading import school_pupil
from portal.domain import (
    arrangement_lists,
    barring_lists,
    pupil_talks,
    release_lists,
    roster,
    roster_group_lists,
    roster_lists,
)
from portal.domain.holding import Overtaken
from portal.domain.pupil_talks import PupilTalk
from portal.domain.roster_guardians import full_name
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.formatting import clock_time, group_label, local_date, short_date, spoken_list
from portal.forms import options
from portal.models.roster import Group, Pupil
from portal.words import gettext, ngettext


@bp.get("/")
def show_school() -> ResponseReturnValue:
    """Begin at the pupils."""
    return redirect(url_for(".show_pupils"), 303)


@bp.get("/pupils")
def show_pupils() -> ResponseReturnValue:
    """Show the list of pupils, or what was searched for."""
    search = request.args.get("q", "")[:100]
    groups = roster_group_lists.open_groups(viewer())
    asked = request.args.get("group", type=int)
    group_id = asked if any(group.id == asked for group in groups) else None
    left = request.args.get("left") == "1"
    page = roster_lists.pupil_page(viewer(), search, group_id, left, request.args.get("page", 1, type=int))
    return render_template(
        "school/pupils.html",
        page=page,
        search=search,
        group_id=group_id,
        left=left,
        groups=groups,
        left_count=roster_lists.count_left(viewer()),
        open_questions=release_lists.count_open(viewer()),
        page_url=lambda number: url_for(
            ".show_pupils", q=search or None, group=group_id, left=1 if left else None, page=number
        ),
    )


@bp.get("/pupils/new")
def show_new_pupil() -> ResponseReturnValue:
    """Show the form for a child that is new at school."""
    return _new_pupil_page(NewPupilForm())


@bp.post("/pupils/new")
def create_pupil() -> ResponseReturnValue:
    """Add a child."""
    form = NewPupilForm()
    _offer_homes(form)
    if not form.validate():
        return _new_pupil_page(form), 422
    start_writing()
    try:
        pupil = roster.add_pupil(
            form.name,
            form.birth_date.data,
            form.own_year_group,
            _home_group(form.home.data),
            viewer(),
            clock.now(),
            clock.today(),
        )
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _new_pupil_page(form), 422
    pupil_id = pupil.id
    db.session.commit()
    flash(gettext("%(name)s is in the list now. Add the guardians here.", name=form.name.full), "ok")
    return redirect(url_for(".show_pupil", pupil_id=pupil_id), 303)


@bp.get("/pupils/<int:pupil_id>")
def show_pupil(pupil_id: int) -> ResponseReturnValue:
    """Show a child: what is known of it, its groups and its guardians."""
    pupil = school_pupil(pupil_id)
    groups = roster_lists.groups_of_pupil(pupil)
    keeps = arrangement_lists.keeps_arrangement(viewer(), pupil)
    return render_template(
        "school/pupil.html",
        pupil=pupil,
        name=full_name(pupil),
        home=next((group for group in groups if group.home), None),
        extra=[group for group in groups if not group.home],
        keeps=keeps,
        barred=barring_lists.barred_of(viewer(), pupil) if keeps else [],
        apart=keeps and arrangement_lists.talks_are_apart(pupil),
        arranged=arrangement_lists.arranged_guardians(viewer(), pupil) if keeps else [],
        guardians=roster_lists.guardians_of(viewer(), [pupil.id])[pupil.id],
    )


@bp.get("/pupils/<int:pupil_id>/details")
def show_pupil_details(pupil_id: int) -> ResponseReturnValue:
    """Show the form with what is known of the child."""
    pupil = school_pupil(pupil_id)
    return _details_page(pupil_id, _details_of(pupil))


@bp.post("/pupils/<int:pupil_id>/details")
def update_pupil(pupil_id: int) -> ResponseReturnValue:
    """Change name, date of birth or year group."""
    form = PupilChangeForm()
    if not form.validate():
        return _details_page(pupil_id, form), 422
    start_writing()
    pupil = school_pupil(pupil_id)
    version = form.version.data or ""
    try:
        roster.edit_pupil(pupil, form.name, form.birth_date.data, form.own_year_group, version, viewer())
    except Overtaken as refusal:
        db.session.rollback()
        return _details_page(pupil_id, form, refusal), 409
    db.session.commit()
    flash(gettext("What you changed of %(name)s is saved.", name=form.name.full), "ok")
    return redirect(url_for(".show_pupil", pupil_id=pupil_id), 303)


@bp.get("/pupils/<int:pupil_id>/groups")
def show_pupil_groups(pupil_id: int) -> ResponseReturnValue:
    """Show the form with the groups that the child is in."""
    pupil = school_pupil(pupil_id)
    groups = roster_lists.groups_of_pupil(pupil)
    home = next((group.id for group in groups if group.home), NO_GROUP)
    form = PlaceForm(data={"home": home, "extra": [group.id for group in groups if not group.home]})
    return _place_page(pupil_id, form)


@bp.post("/pupils/<int:pupil_id>/groups")
def move_pupil(pupil_id: int) -> ResponseReturnValue:
    """Put the child in other groups, from today on."""
    form = PlaceForm()
    _offer_places(form)
    if not form.validate():
        return _place_page(pupil_id, form), 422
    start_writing()
    pupil = school_pupil(pupil_id)
    home = _home_group(form.home.data)
    extra = all_or_404(Group, form.extra.data or [], access.groups_of_school(viewer()))
    now = clock.now()
    try:
        roster.move_pupil(pupil, home, extra, viewer(), now, clock.today())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _place_page(pupil_id, form), 422
    name, group_name = full_name(pupil), home.name if home else ""
    ended = pupil_talks.ended_talks(viewer(), pupil, now)
    db.session.commit()
    if home:
        flash(
            gettext("%(name)s is in %(group)s now.", name=name, group=group_label(group_name, inside=True)),
            "ok",
        )
    else:
        flash(gettext("%(name)s is in no home group now.", name=name), "warn")
    _tell_of_ended(ended)
    return redirect(url_for(".show_pupil", pupil_id=pupil_id), 303)


@bp.get("/pupils/<int:pupil_id>/leaving")
def show_leaving(pupil_id: int) -> ResponseReturnValue:
    """Ask whether the child leaves the school, and when."""
    return _leaving_page(pupil_id, LeavingForm(data={"left_on": clock.today()}))


@bp.post("/pupils/<int:pupil_id>/leaving")
def archive_pupil(pupil_id: int) -> ResponseReturnValue:
    """Let the child leave the school."""
    form = LeavingForm()
    if not form.validate() or form.left_on.data is None:
        return _leaving_page(pupil_id, form), 422
    start_writing()
    pupil = school_pupil(pupil_id)
    name, now = full_name(pupil), clock.now()
    roster.archive_pupil(pupil, form.left_on.data, viewer(), now, clock.today())
    ended = pupil_talks.ended_talks(viewer(), pupil, now)
    db.session.commit()
    flash(gettext("%(name)s has left the school and is in no list any more.", name=name), "ok")
    _tell_of_ended(ended)
    return redirect(url_for(".show_pupil", pupil_id=pupil_id), 303)


@bp.post("/pupils/<int:pupil_id>/return")
def return_pupil(pupil_id: int) -> ResponseReturnValue:
    """Take a child back that had left."""
    start_writing()
    pupil = school_pupil(pupil_id)
    name = full_name(pupil)
    roster.return_pupil(pupil, viewer(), clock.now())
    db.session.commit()
    flash(gettext("%(name)s is back at school. Choose a group.", name=name), "ok")
    return redirect(url_for(".show_pupil_groups", pupil_id=pupil_id), 303)


def _tell_of_ended(talks: list[PupilTalk]) -> None:
    """Say which booked talks a change has ended, so that the office can call the family."""
    if not talks:
        return
    flash(
        ngettext(
            "One booked talk has lapsed: %(talks)s. The parents get an e-mail. Call them when it is soon.",
            "%(num)s booked talks have lapsed: %(talks)s. The parents get an e-mail. "
            "Call them when it is soon.",
            len(talks),
            talks="; ".join(map(_talk_words, talks)),
        ),
        "warn",
    )


def _talk_words(talk: PupilTalk) -> str:
    return gettext(
        "%(day)s, %(time)s with %(teachers)s (%(parents)s)",
        day=short_date(local_date(talk.starts_at)),
        time=clock_time(talk.starts_at),
        teachers=spoken_list(talk.teachers) or talk.round,
        parents=talk.with_whom,
    )


def _offer_homes(form: NewPupilForm | PlaceForm) -> None:
    groups = [group for group in roster_group_lists.open_groups(viewer()) if not group.composite]
    form.home.choices = options(
        [(NO_GROUP, gettext("no group yet")), *((group.id, group_label(group.name)) for group in groups)]
    )


def _offer_places(form: PlaceForm) -> None:
    _offer_homes(form)
    form.extra.choices = options(
        (group.id, group_label(group.name)) for group in roster_group_lists.open_groups(viewer())
    )


def _home_group(group_id: int) -> Group | None:
    return one_or_404(Group, group_id, access.groups_of_school(viewer())) if group_id else None


def _new_pupil_page(form: NewPupilForm) -> str:
    _offer_homes(form)
    return render_template("school/pupil_new.html", form=form)


def _details_of(pupil: Pupil) -> PupilChangeForm:
    form = PupilChangeForm(formdata=None, obj=pupil)
    form.year_group.data = "" if pupil.year_group is None else str(pupil.year_group)
    form.version.data = roster.version_of_pupil(pupil)
    return form


def _details_page(pupil_id: int, form: PupilChangeForm, refusal: Overtaken | None = None) -> str:
    pupil = school_pupil(pupil_id)
    return render_template(
        "school/pupil_details.html",
        form=form,
        pupil=pupil,
        name=full_name(pupil),
        stands_now=form.overtaken_by(_details_of(pupil), refusal) if refusal else None,
    )


def _place_page(pupil_id: int, form: PlaceForm) -> str:
    pupil = school_pupil(pupil_id)
    _offer_places(form)
    return render_template(
        "school/pupil_groups.html",
        form=form,
        pupil=pupil,
        name=full_name(pupil),
        talks=pupil_talks.coming_talks(viewer(), pupil, clock.now()),
    )


def _leaving_page(pupil_id: int, form: LeavingForm) -> str:
    pupil = school_pupil(pupil_id)
    return render_template(
        "school/pupil_leaving.html",
        form=form,
        talks=pupil_talks.coming_talks(viewer(), pupil, clock.now()),
        pupil=pupil,
        name=full_name(pupil),
        guardians=roster_lists.guardians_of(viewer(), [pupil.id])[pupil.id],
    )
