"""What the tests of private conversations may ask for."""

import pytest

from tests.accounts.conftest import change, do, mailed, waiting
from tests.conversations.writing import answer, begin

__all__ = ["change", "do", "mailed", "waiting"]


@pytest.fixture
def begun(app, client_for, school) -> int:
    """Anna's conversation about Bram with the teachers of 3/4, of one message."""
    return begin(client_for(school.anna), school.bram, school.group_34)


@pytest.fixture
def answered(begun, client_for, school) -> int:
    """The same, which Tess answered."""
    answer(client_for(school.tess), begun)
    return begun
