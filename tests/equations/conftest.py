"""The book, whose equations the tests read."""

import pytest
from tests.equations import chapters


@pytest.fixture(scope="session")
def book():
    return chapters.read()
