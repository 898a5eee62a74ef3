"""Ties go away from zero, whatever their last bit; everything else is rounded as ever."""

import doctest
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_limits import words
from dl_limits.words import rounded, said, steady

TIES = [0.5, 1.5, 2.5, 12.5, 0.125, 0.375, 2012.25, 62.5, 1e6 + 0.5]


def test_the_examples_hold():
    assert doctest.testmod(words).failed == 0


@pytest.mark.parametrize("tie", TIES)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_tie_does_not_hang_on_its_last_bits(tie, sign):
    digits = 0 if tie % 1 == 0.5 else 2 if tie < 1 else 1
    texts = {said(sign * tie * (1 + error), f".{digits}f") for error in (-1e-9, -1e-15, 0, 1e-15, 1e-9)}
    values = {rounded(sign * tie * (1 + error), digits) for error in (-1e-9, 0, 1e-9)}
    assert len(texts) == len(values) == 1
    assert abs(values.pop()) == float(Fraction(tie) + Fraction(1, 2 * 10**digits))


@given(st.decimals(-(10**6), 10**6, places=3))
def test_what_is_no_tie_is_rounded_as_ever(number):
    value = float(number)
    if number * 100 % 1 not in (Fraction(1, 2), -Fraction(1, 2)):
        assert rounded(value, 2) == round(value, 2)
        assert float(said(value, ".2f")) == round(value, 2)


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (1234567890.0, ",.0f", "1,234,567,890"),  # a ten-millionth of it would be a hundred
        (-0.2, "+.0f", "+0"),
        (np.float64(2.25), ".1f", "2.3"),
        (1.25e20, ".1e", "1.3e+20"),
        (np.inf, ".1f", "inf"),
        (np.nan, ".0%", "nan%"),
        (7, ",", "7"),
        ("word", "", "word"),
    ],
)
def test_formats(value, form, text):
    assert said(value, form) == text


def test_arrays_and_the_ends_of_the_line_pass():
    np.testing.assert_array_equal(steady(np.array([0, np.inf, -np.inf, np.nan])), [0, np.inf, -np.inf, np.nan])
    assert rounded(-np.inf, 2) == -np.inf and np.isnan(rounded(np.nan))
