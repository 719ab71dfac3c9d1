"""Private conversations: a guardian's with the teachers of a child, and the same as school has them."""

from flask import Blueprint

bp = Blueprint("conversations", __name__)
