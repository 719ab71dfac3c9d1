"""What the tests of letters may ask for."""

from tests.accounts.conftest import change, do, waiting
from tests.accounts.conftest import mailed_about_letters as mailed

__all__ = ["change", "do", "mailed", "waiting"]
