"""The staff pages: the board, and absence that school notes itself."""

from portal.blueprints.staff import absences, board
from portal.blueprints.staff.blueprint import bp

__all__ = ["absences", "board", "bp"]
