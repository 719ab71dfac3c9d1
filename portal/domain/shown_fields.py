"""What a guardian shows to other parents ends when school empties it (R27)."""

from sqlalchemy import delete

from portal.access import Viewer
from portal.domain import audit
from portal.extensions import db
from portal.models.accounts import User
from portal.models.directory import SharedField


def stop_showing_empty(person: User, actor: Viewer | None) -> None:
    """Let nobody see a phone number or an address that school took away, nor by itself the next one."""
    empty = [field for field, value in (("email", person.email), ("phone", person.phone)) if not value]
    gone = db.session.scalars(
        delete(SharedField)
        .where(SharedField.user_id == person.id, SharedField.field.in_(empty))
        .returning(SharedField.field)
        .execution_options(synchronize_session=False)
    )
    for field in sorted(set(gone)):
        audit.record(actor, f"stopped_showing_{field}", "user", person.id)
