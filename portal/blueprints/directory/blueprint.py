"""Where the pages of the class list and of visibility are registered."""

from flask import Blueprint

bp = Blueprint("directory", __name__)
