"""Where the pages of getting in are registered."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)
