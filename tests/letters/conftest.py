"""What the tests of letters may ask for."""

from tests.accounts.conftest import change, do, mailed, waiting

__all__ = ["change", "do", "mailed", "waiting"]
