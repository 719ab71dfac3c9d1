"""A demo school with five years of letters, of which every fourth went to everybody."""

import random
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from bench.schools import NOW, BenchSchool
from portal import clock

LETTERS = 2000
YEARS = 5
RARE, COMMON, NOWHERE = "schaatsbaan", "school", "onvindbaar"
TEXT = """aan de kinderen gaan met een groep naar het museum en nemen brood mee op woensdag in de ochtend wij
vragen ouders om te helpen bij het voorlezen school is gesloten dan begint weer na de vakantie graag antwoord
voor vrijdag gym schoenen bibliotheek feest rapport gesprek leerkracht fiets helm verkeer muziek boeken"""
AT_SCHOOL = (
    "FROM guardianships g JOIN pupils p ON p.id = g.pupil_id AND p.archived_at IS NULL "
    "JOIN memberships m ON m.pupil_id = p.id AND m.home AND m.ended_on IS NULL "
    "JOIN letter_audiences a ON a.kind = 'school' OR a.group_id = m.group_id "
    "WHERE g.revoked_at IS NULL AND g.has_authority"
)
GROUPS = (
    "SELECT DISTINCT m.group_id FROM memberships m JOIN pupils p ON p.id = m.pupil_id "
    "WHERE m.home AND m.ended_on IS NULL AND p.archived_at IS NULL ORDER BY m.group_id"
)
LETTER = (
    "INSERT INTO letters (school_year_id, author_id, sender, title, text, mail_shows, urgent, revision, "
    "created_at, edited_at, send_at, sent_at) VALUES (:year, :author, 'de directie', :title, :text, 'hint', "
    "false, 1, :at, :at, :at, :at) RETURNING id"
)
AUDIENCE = (
    "INSERT INTO letter_audiences (letter_id, kind, group_id, excluded) VALUES (:id, :kind, :to_group, false)"
)
CHILDREN = (
    "INSERT INTO letter_children (letter_id, user_id, pupil_id) "
    f"SELECT DISTINCT a.letter_id, g.user_id, g.pupil_id {AT_SCHOOL} AND a.letter_id >= :first"
)
RECIPIENTS = (
    "INSERT INTO letter_recipients (letter_id, user_id, received_at, opened_at, failure) "
    "SELECT DISTINCT c.letter_id, c.user_id, l.sent_at, l.sent_at, '' "
    "FROM letter_children c JOIN letters l ON l.id = c.letter_id WHERE c.letter_id >= :first"
)


def connected(school: BenchSchool) -> sa.Engine:
    """Return the school's database."""
    return sa.create_engine(school.database.replace("postgresql://", "postgresql+psycopg://"))


def fill(school: BenchSchool) -> None:
    """Add the letters, each received and read, and let nobody have chosen otherwise than mail at once."""
    engine, chance = connected(school), random.Random(5)
    now = clock.at_local(NOW)
    with engine.begin() as connection:
        run = connection.exec_driver_sql
        run("DELETE FROM notice_choices")
        years = [row[0] for row in run("SELECT id FROM school_years ORDER BY last_day DESC")][:YEARS]
        (author,) = run("SELECT id FROM users WHERE email = 'administratie@lindeboog.example'").one()
        groups = [row[0] for row in run(GROUPS)]
        rows = [
            {"author": author, "year": years[number % len(years)]}
            | {"kind": "group" if number % 4 else "school"}
            | {"to_group": groups[number % len(groups)] if number % 4 else None}
            | _written(chance, now - timedelta(days=365 * (number % len(years)), hours=number))
            for number in range(LETTERS)
        ]
        for row in rows:
            row["id"] = connection.execute(sa.text(LETTER), row).scalar_one()
        connection.execute(sa.text(AUDIENCE), rows)
        first = {"first": rows[0]["id"]}
        connection.execute(sa.text(CHILDREN), first)
        connection.execute(sa.text(RECIPIENTS), first)
        run("ANALYZE")
    engine.dispose()


def _written(chance: random.Random, at: datetime) -> dict[str, object]:
    words = chance.choices(TEXT.split(), k=chance.randint(80, 400))
    if chance.random() < 0.01:
        words.insert(len(words) // 2, RARE)
    return {"title": " ".join(words[:5]).capitalize(), "text": " ".join(words), "at": at.astimezone(UTC)}
