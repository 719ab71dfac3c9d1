"""The families whom no mail reaches, and what the office does about each."""

from flask import abort, render_template

from portal.access import viewer
from portal.blueprints.school.accounts import why_bounced
from portal.blueprints.school.blueprint import bp
from portal.domain.unreachable import unreachable_families


@bp.get("/unreachable")
def show_unreachable() -> str:
    """Show whom no mail reaches, first the children of whom it reaches nobody."""
    if not viewer().is_office:
        abort(404)
    families = unreachable_families(viewer())
    return render_template(
        "school/unreachable.html",
        families=families,
        nobody=sum(family.nobody for family in families),
        why_bounced=why_bounced,
    )
