"""Fit a law, say how sure, carry it on. Imports nothing of this book: no data, no article, no verdict.

>>> from dl_limits.laws import PowerLaw
>>> law = PowerLaw([50.0, 25.0, 12.5, 6.25], [1e0, 1e2, 1e4, 1e6]).fit()
>>> round(law.multiplier(20, 10).estimate, 3)  # how many times more x from 20 to 10
100.0

`powerlaw` is the model of one variable, `linear` the line behind it, `floor` what is fitted with a floor
(`floor_profile` makes its intervals, `floor_solver` its optima); `surface` is the loss of networks in size
and data, its forecasts (`compare`) and best split (`isoflop`); `extrapolation` carries a learning curve on.
"""

from dl_limits.laws.estimate import Estimate
from dl_limits.laws.extrapolation import extrapolate
from dl_limits.laws.powerlaw import PowerLaw, ReciprocalLaw
from dl_limits.laws.surface import LossSurface, same_size
from dl_limits.laws.surface.comparison import compare
from dl_limits.laws.surface.isoflop import isoflop

__all__ = ["Estimate", "LossSurface", "PowerLaw", "ReciprocalLaw", "compare", "extrapolate", "isoflop", "same_size"]
