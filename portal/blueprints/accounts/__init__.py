"""Getting in, and one's own details."""

from portal.blueprints.accounts import (
    choices,
    invitation,
    login,
    mail_login,
    notices,
    password,
    profile,
    reach,
)
from portal.blueprints.accounts.blueprint import bp

__all__ = ["bp", "choices", "invitation", "login", "mail_login", "notices", "password", "profile", "reach"]
