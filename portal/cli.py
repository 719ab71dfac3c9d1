"""The `portal` command: thin over the domain. Every Flask command works on it too (`portal db upgrade`)."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError

from portal import clock, logs, mailbox, serving, worker
from portal.domain import (
    backup,
    bounces,
    invitations,
    opening,
    operations,
    restoring,
    returned_mail,
    roster_command,
    roster_import,
)
from portal.domain.demo import filling
from portal.domain.holidays import REGIONS
from portal.domain.importers.files import Upload
from portal.domain.importers.oneroster_files import kind_of
from portal.domain.school import school_facts
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.words import gettext as _
from portal.words import ngettext

DEMO_LOGINS = "ouder1, leerkracht1, administratie, directie and beheer @lindeboog.example"
PARENTS_SHOWN, STAFF_SHOWN = 4, 9
TRY_AGAIN = 75
OTHER_KEY = (
    "This installation has another secret key than the one that the backup was made with: everybody signs\n"
    "in again, and invitations that are still open must be renewed. To keep both, stop the portal and copy\n"
    "instance/secret_key from there, or set PORTAL_SECRET_KEY to it."
)

T = TypeVar("T")


def init_app(app: Flask) -> None:
    """Add this project's commands to the app's command line."""
    for command in (
        serve, run_worker, set_up, make_demo, import_roster, invite_guardians, take_bounce,
        check, write_backup, restore_backup,
    ):  # fmt: skip
        app.cli.add_command(command)
    # As it was called before.
    app.cli.add_command(take_bounce, "bounce")


@click.command("serve")
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address and port.")
@click.option("--workers", default=2, show_default=True, help="Web processes.")
@click.option("--no-worker", is_flag=True, help="Do not start the background worker beside it.")
def serve(bind: str, workers: int, no_worker: bool) -> None:
    """Serve the portal, with its background worker, as one would for a school."""
    host, _, port = bind.rpartition(":")
    serving.serve(host or "127.0.0.1", int(port), workers, with_worker=not no_worker)


@click.command("worker")
@with_appcontext
def run_worker() -> None:
    """Run the background worker alone: it delivers the mail and does the nightly work."""
    worker.run(current_app._get_current_object())  # type: ignore[attr-defined]


@click.command("setup")
@click.option("--name", required=True, help="The name of the school.")
@click.option(
    "--region", default="midden", show_default=True, type=click.Choice(REGIONS), help="Of its holidays."
)
@click.option("--admin-email", required=True, help="The address of the first administrator.")
@click.option("--admin-name", default="", help="And the name.")
@with_appcontext
def set_up(name: str, region: str, admin_email: str, admin_name: str) -> None:
    """Open the portal of a school, and invite its first administrator."""
    start_writing()
    link = _or_exit(lambda: opening.open_school(name, region, admin_email, admin_name, clock.now()))
    db.session.commit()
    click.echo(_("The portal of this school is open. Its first administrator comes in with this link, once:"))
    click.echo(link)


@click.command("demo")
@click.option(
    "--families",
    default=filling.FAMILIES,
    show_default=True,
    type=click.IntRange(3, 20_000),
    help="How many.",
)
@click.option("--seed", default=filling.SEED, show_default=True, help="Another number, other people.")
@click.option(
    "--years", default=filling.YEARS, show_default=True, type=click.IntRange(1, 30), help="School years."
)
@click.option("--if-empty", is_flag=True, help="Do nothing when there is a school already.")
@with_appcontext
def make_demo(families: int, seed: int, years: int, if_empty: bool) -> None:
    """Fill an empty database with the demo school De Lindeboog, and print its logins."""
    if if_empty and filling.has_school():
        if school_facts().is_demo:
            click.echo(f"The demo school as you left it: {DEMO_LOGINS}; every password is {filling.PASSWORD}")
        db.session.rollback()
        return
    start_writing()
    accounts = _or_exit(lambda: filling.fill_demo(families, seed, years, clock.now()))
    db.session.commit()
    width = max(len(account.email) for account in accounts)
    parents = [account for account in accounts if account.email.startswith("ouder")]
    staff = accounts[len(parents) :]
    for account in [*parents[:PARENTS_SHOWN], *staff[:STAFF_SHOWN], *staff[STAFF_SHOWN:][-3:]]:
        click.echo(f"  {account.email:{width}}  {account.who}")
    click.echo(
        f"{len(parents)} parents and {len(staff)} members of staff; every password is {filling.PASSWORD}"
    )


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
@click.option("--leave-out", is_flag=True, help="Leave out the rows with problems and read in the rest.")
@click.option("--leaving", type=int, help="How many pupils leave, when that is more than 5 in 100.")
@with_appcontext
def import_roster(files: tuple[Path, ...], dry_run: bool, leave_out: bool, leaving: int | None) -> None:
    """Read in a roster: EDEXML, OneRoster (a folder or zip), tables of pupils or guardians (CSV, XLSX).

    When more than 5 in 100 pupils would leave, who types the command has to say how many; a script is only
    told that they left.
    """
    uploads = [Upload(path.name, path.read_bytes()) for given in files for path in _files_in(given)]
    # Large files take a while to read, and others write meanwhile.
    found = roster_import.read_files(uploads)
    if not dry_run:
        start_writing()
    unasked = leaving is None and not sys.stdin.isatty()
    outcome = _or_exit(
        lambda: roster_command.import_files(
            found, dry_run, leave_out, clock.now(), clock.today(), leaving, unasked
        )
    )
    for problem in [*outcome.notes, *outcome.problems]:
        place = f"{problem.at.file}:{problem.at.line}" if problem.at.line else problem.at.file
        sentence = roster_import.sentence_of(problem)
        is_named = not place or sentence.startswith(f"{place}:")
        click.echo(sentence if is_named else f"{place}: {sentence}", err=True)
    if outcome.problems:
        db.session.rollback()
        click.echo(_("Nothing was read in."), err=True)
        raise SystemExit(2)
    for kind, (added, changed, removed) in outcome.counts.items():
        click.echo(f"{kind}: {added} added, {changed} changed, {removed} removed")
    db.session.commit()


def _files_in(path: Path) -> list[Path]:
    """Return the file, or of a folder the files of a OneRoster export."""
    if not path.is_dir():
        return [path]
    return [one for one in sorted(path.glob("*.[cC][sS][vV]")) if kind_of(one.name)]


@click.command("check")
@with_appcontext
def check() -> None:
    """Say whether this installation is healthy and safe; exit 1 when not."""
    found = list(operations.findings(clock.now()))
    for finding in found:
        click.echo(f"{'ok ' if finding.ok else 'BAD'}  {finding.about}: {finding.sentence}")
    db.session.rollback()
    raise SystemExit(0 if all(finding.ok for finding in found) else 1)


FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup")
@click.argument("file", type=FILE)
@with_appcontext
def write_backup(file: Path) -> None:
    """Write the whole school to one FILE, while the portal runs."""
    archive = _or_exit(lambda: backup.write_backup(file, clock.now()))
    logs.security.info("backup written")
    click.echo(f"{file}: {archive.tables.get('pupils', 0)} pupils, {sum(archive.tables.values())} rows")


@click.command("restore")
@click.argument("file", type=FILE)
@with_appcontext
def restore_backup(file: Path) -> None:
    """Put the school that is in FILE into an empty database, SQLite or Postgres."""
    archive = _or_exit(lambda: backup.open_backup(file))
    _or_exit(lambda: restoring.fit_schema(archive))
    start_writing()
    _or_exit(lambda: restoring.restore(archive))
    db.session.commit()
    restoring.bring_schema_up_to_date(archive)
    logs.security.info("backup restored")
    click.echo(f"{archive.tables.get('pupils', 0)} pupils, {sum(archive.tables.values())} rows are back")
    if not archive.same_secret:
        click.echo(OTHER_KEY)


def _or_exit(work: Callable[[], T]) -> T:
    """Do the work; a refusal is said in words and ends the command with 2."""
    try:
        return work()
    except Refused as refusal:
        db.session.rollback()
        click.echo(refusal.sentence, err=True)
        raise SystemExit(2) from None


@click.command("invite")
@click.option("--group", "group_name", help="Only the guardians of this group, like 3/4.")
@with_appcontext
def invite_guardians(group_name: str | None) -> None:
    """Invite the guardians who have no account yet and were not invited before."""
    start_writing()
    group = _or_exit(lambda: invitations.group_named(group_name)) if group_name else None
    count = _or_exit(lambda: invitations.invite_all(None, clock.now(), group, guardians_only=True))
    db.session.commit()
    click.echo(ngettext("%(num)s guardian invited.", "%(num)s guardians invited.", count))


@click.command("bounces")
@click.option(
    "--to",
    default="",
    envvar=["ORIGINAL_RECIPIENT", "RECIPIENT"],
    help="The address that the mail was sent to, when it does not say so itself.",
)
@with_appcontext
def take_bounce(to: str) -> None:
    """Take in one mail from a mail server's pipe that came back to the address that ours is sent from.

    The office sees whose address does not work; who answers our mail hears where to write. Ends with 75,
    which asks the mail server to try again later, when the database does not answer.
    """
    found = bounces.read(sys.stdin.buffer.read(bounces.MAX_REPORT))
    try:
        outcome = mailbox.take_in(replace(found, to=(*to.lower().split(), *found.to)))
    except OperationalError as error:
        click.echo(type(error).__name__, err=True)
        raise SystemExit(TRY_AGAIN) from None
    said = {returned_mail.NOTED: _("Noted."), returned_mail.ANSWERED: _("The sender hears where to write.")}
    click.echo(said.get(outcome, _("Nothing to note.")), err=outcome == returned_mail.NOTHING)
