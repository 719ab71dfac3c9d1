"""Letters from school: read by the guardians, written and followed by who works at school."""

from flask import Blueprint

bp = Blueprint("letters", __name__)
