"""Where other people's example files are found; they are no part of the project."""

from pathlib import Path

import pytest

MATERIAL = Path(__file__).resolve().parents[2] / "shared" / "material"


def material(*parts: str) -> Path:
    """Return a path in the material, or skip the test where it is absent; its twin uses a file of our own."""
    if not MATERIAL.is_dir():
        pytest.skip("../shared/material is not here; the twin of this test uses our own file")
    return MATERIAL.joinpath(*parts)
