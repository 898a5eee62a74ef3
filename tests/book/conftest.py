"""The small book, for tests that build one."""

import pytest

from tests.book.small import Book


@pytest.fixture
def book(tmp_path):
    """Return a small book in a folder of its own."""
    return Book(tmp_path / "book")


@pytest.fixture(params=["a [b] #1 %20 ü 'q'", "wh?at %2F", 'x*y{z} "d"', " -$HOME;&\\日本 "])
def named_book(request, tmp_path):
    """Return a small book in a folder with an odd name."""
    return Book(tmp_path / request.param)
