"""What the tests of the school's pages may ask for."""

from tests.accounts.conftest import mailed

__all__ = ["mailed"]
