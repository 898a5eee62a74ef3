"""A number with its interval, finite or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Estimate:
    """A number with its interval; ``inf`` means that no finite x is enough.

    Attributes
    ----------
    estimate, low, high : float
        Point and interval ends.
    method : str
        How the interval was made.
    alpha : float
        One minus the confidence level.
    """

    estimate: float
    low: float
    high: float
    method: str
    alpha: float = 0.05

    def __str__(self) -> str:
        """Return the estimate with its interval, in few digits."""
        level = f"{100 * (1 - self.alpha):g} %"
        return f"{self.estimate:.3g} ({level} interval {self.low:.2g} to {self.high:.2g}, {self.method})"

    @property
    def bounded(self) -> bool:
        """Whether both ends are finite and positive."""
        return bool(np.isfinite(self.high) and self.low > 0)

    def log10(self) -> tuple[float, float, float]:
        """Return estimate, low and high as powers of ten."""
        with np.errstate(divide="ignore"):
            return tuple(float(v) for v in np.log10([self.estimate, self.low, self.high]))


def from_logs(log_value, log_low, log_high, method, alpha):
    """Return the `Estimate` whose natural logarithms are given."""
    with np.errstate(over="ignore"):
        return Estimate(*(float(np.exp(v)) for v in (log_value, log_low, log_high)), method, alpha)
