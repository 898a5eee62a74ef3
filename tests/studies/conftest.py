"""What the tests of every study's claims share."""

import numpy as np
import pytest

from dl_limits import data
from dl_limits.dates import DATES


@pytest.fixture(scope="session")
def powers_are_stored():
    """Return a check that truths, noise and repetitions of a study's powers are those of the stored table."""

    def check(powers):
        stored = data.load("verdict_power")
        for claim, power in powers.items():
            mine = stored[stored["claim_id"] == claim]
            assert set(mine["noise"]) == {power.noise} and set(mine["repetitions"]) == {power.repetitions}
            for evidence in DATES:
                true = mine[mine["evidence"] == evidence].groupby("truth", observed=True)["true_value"].first()
                assert power.truths(evidence) == true.to_dict()

    return check


class Exact:
    """Random numbers that are none: normal ones at a multiple of their spread, uniform ones at a share of their range.

    Binomial counts are what is expected; indices count up.
    """

    def __init__(self, normal=0.0, share=0.5):
        self.z, self.share = normal, share

    def normal(self, mean, sd, size):
        return [mean + sd * self.z * (k + 1) for k in range(size)]

    def standard_normal(self, size):
        return np.full(size, self.z)

    def uniform(self, low=0.0, high=1.0, size=None):
        value = low + self.share * (np.asarray(high) - low)
        return value if size is None else np.full(size, value)

    def binomial(self, n, p):
        return n * p

    def integers(self, end, size=None):
        return 0 if size is None else np.arange(size) % end


@pytest.fixture
def exact():
    """Return random numbers that are none, to see what a simulation draws around its truth."""
    return Exact
