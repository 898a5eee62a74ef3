"""The small book, for tests that build one."""

import pytest

from tests.book.small import Book


@pytest.fixture
def book(tmp_path):
    """Return a small book in a folder of its own."""
    return Book(tmp_path / "book")
