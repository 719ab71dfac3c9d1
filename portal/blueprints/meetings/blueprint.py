"""Meeting rounds: for families, for teachers and for the office."""

from flask import Blueprint

bp = Blueprint("meetings", __name__)
