"""Carry a learning curve on: several laws, weighted by how well each one forecast.

A law that fits the points seen is not yet a law that foretells the next ones
(Alabdulmohsin et al. 2022). `extrapolate` therefore holds the larger points back,
again and again, and lets each law forecast them from the smaller ones (*rolling
origin*). The laws of `dl_limits.laws.curve_laws` are then averaged with weights from these
forecast errors, and the same errors say how wide the interval has to be.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from dl_limits.laws import curve_laws
from dl_limits.laws.checks import paired, positive

RECENCY = 0.6  # a point counts as x**0.6: the newest points tell most about the next
ORIGINS = 5  # forecasts are tried from at most so many origins
ONE_X = 1e-6  # x that differ by less, relatively, are one x
_FEWEST = 3  # points before the first origin
MOST_POINTS = 48  # longer curves are averaged within this many groups of neighbours
LEAST_NOISE = 1e-3  # no curve is believed to be known better than to 0.1 per cent
TURN = 0.25  # what share of a forecast change comes otherwise, before any origin has told
BELIEF = 2.0  # how many origins that counts as
SMALLEST_TURN = 0.03  # the least that one origin can tell
_WIDEST = 2.5  # past errors widen the rest of the interval at most so many times


def extrapolate(x, y):
    """Forecast where a learning curve goes.

    Parameters
    ----------
    x : array_like, shape (n,)
        The resource (examples, parameters, compute), positive; in any order,
        repeated values allowed.
    y : array_like, shape (n,)
        What is measured there (a loss, an error rate), positive. A curve that
        rises is forecast as one whose inverse falls.

    Returns
    -------
    Extrapolation

    Raises
    ------
    ValueError
        For fewer than 4 points, unequal lengths or indexes, or a value that is no plain,
        positive, finite number. Nothing else is an error: a curve that tells nothing (one x
        only) gets an unbounded interval.

    Examples
    --------
    >>> import numpy as np
    >>> x = 2.0 ** np.arange(8)
    >>> forecast = extrapolate(x, 3 * x**-0.5 + 1)
    >>> float(np.round(forecast.predict(1024), 2))
    1.09
    """
    paired(y=y, x=x)
    x, y = positive(x, "x"), positive(y, "y")
    if len(x) < 4:
        raise ValueError(f"{len(x)} points: extrapolate needs at least 4")
    return Extrapolation(x, y)


class Extrapolation:
    """The forecast of a learning curve.

    Attributes
    ----------
    weights : Series
        Share of each law in the forecast, by name.
    errors : DataFrame, indexed by origin (number of points seen)
        Root mean square error of log y of each law's forecasts from that origin,
        divided by the square root of how far ahead they reach (in lengths of the
        curve seen until then).
    noise : float
        Standard deviation of a new observation of log y around the curve.
    widening : float
        How many times larger past forecast errors were than the laws' disagreement,
        parameter uncertainty and noise made expect; at least 1.
    turn : float
        Share of a forecast change that came otherwise at past origins (geometric mean).
    identified : bool
        Whether x differs by more than a millionth. If not, nothing can be said away
        from the one x, and intervals are unbounded there.
    """

    def __init__(self, x, y):
        order = np.lexsort((y, x))
        u, z, self.nobs = np.log(x[order]), np.log(y[order]), len(x)
        self._end = u[-1]
        u, z, size = _thin(u - u[-1], z)
        self.identified = bool(u[0] < -ONE_X)
        self._sign = -1.0 if self.identified and np.polyfit(u, z, 1)[0] > 0 else 1.0
        z = self._sign * z
        if not self.identified:
            self._middle, self.noise = z.mean(), max(z.std(ddof=1), LEAST_NOISE)
            self.widening, self.turn = 1.0, 0.0
            self.weights, self.errors, self._fits = pd.Series(dtype=float), pd.DataFrame(), {}
            return
        with np.errstate(over="ignore", under="ignore"):  # curves over hundreds of powers of ten
            self._fit(u, z, size)

    def _fit(self, u, z, size):
        n = len(u)
        local = max(_local_noise(u, z), LEAST_NOISE)
        seen = np.array([*_origins(u), n])
        shifted = u - u[seen - 1][:, None]
        weights = np.where(np.arange(n) < seen[:, None], np.exp(RECENCY * shifted), 0.0)
        owner = [_shape(u[:k], z[:k]) for k in seen]
        names = list(curve_laws.LAWS) if len(np.unique(u)) > 2 else ["power"]
        self._fits = {}
        values, variances = [], []
        for name in names:
            law = curve_laws.LAWS[name]
            theta, covariance = curve_laws.fit_law(law, shifted, z, weights, owner, local)
            value, slopes = law.curve(theta, shifted)
            self._fits[name] = theta[-1:], covariance[-1]
            values.append(value)
            variances.append(np.einsum("mni,mij,mnj->mn", slopes, covariance, slopes))
        values, variances = np.array(values), np.array(variances)  # (laws, copies, points)
        ahead = [(k, slice(k, n)) for k in seen[:-1]]
        errors = np.array(
            [
                ((values[:, i, rest] - z[rest]) ** 2 / (shifted[i, rest] / (u[k - 1] - u[0]))).mean(1)
                for i, (k, rest) in enumerate(ahead)
            ]
        ).reshape(len(ahead), len(names))
        self.errors = pd.DataFrame(np.sqrt(errors), pd.Index(seen[:-1], name="origin"), names)
        self.weights = pd.Series(_weigh(errors, local), names)
        past, turns = [], []
        for i, (_, rest) in enumerate(ahead):  # weights from the other origins: a forecast of the forecast
            share = _weigh(np.delete(errors, i, 0) if len(errors) > 1 else errors, local)
            mean, variance = _mix(share, values[:, i, rest], variances[:, i, rest])
            past.append(((mean - z[rest]) ** 2 / (variance + local**2)).mean())
            turns.append(_turn(mean - z[rest], mean - share @ values[:, i, rest.start - 1], local))
        self.widening = float(np.clip(np.sqrt(np.mean(past)), 1, _WIDEST)) if past else 1.0
        self.turn = float(np.exp((BELIEF * np.log(TURN) + sum(turns)) / (BELIEF + len(turns))))
        rest = z - self.weights.to_numpy() @ values[:, -1]
        spread = (weights[-1] @ rest**2) / weights[-1].sum() * n / max(n - 3, 1)
        self.noise = float(max(np.sqrt(spread * size), LEAST_NOISE))

    def __repr__(self):
        """Say which laws carry the forecast."""
        if not self.identified:
            return f"<Extrapolation: {self.nobs} points at one x, nothing to carry on>"
        top = ", ".join(f"{name} {share:.0%}" for name, share in self.weights.nlargest(3).items())
        return f"<Extrapolation: {self.nobs} points; {top}>"

    def predict(self, x_new):
        """Return the forecast at `x_new` (an array, positive), in the unit of y."""
        return self._y(self._forecast(x_new)[0])

    def predict_each(self, x_new):
        """Return what each law alone forecasts.

        Returns
        -------
        DataFrame, indexed by x_new, one column a law
        """
        h = np.log(positive(x_new, "x_new")) - self._end
        table = {name: self._y(curve_laws.LAWS[name].curve(t, h[None])[0][0]) for name, (t, _) in self._fits.items()}
        return pd.DataFrame(table, pd.Index(np.exp(h + self._end), name="x"))

    def predict_interval(self, x_new, level=0.95):
        """Interval for a new observation at `x_new`.

        Parameters
        ----------
        x_new : array_like, shape (m,)
            Positive, inside or beyond the data.
        level : float
            Confidence level, between 0 and 1.

        Returns
        -------
        lower, upper : ndarray, shape (m,)
            In the unit of y; 0 and ``inf`` where nothing is identified.

        Notes
        -----
        Half the width, in log y, is a quantile of the normal distribution times the root of

        ``widening² (noise² + disagreement² + parameters²) + (turn * change)²``

        with the disagreement of the weighted laws, the uncertainty of their
        parameters, and the change that is forecast from the end of the data on. Few
        points leave few origins, and then what is believed before any origin (`turn`,
        a widening of at least 1) keeps the interval wide: a quantile of Student's t on
        top of that covers too much (measured in appendix a1).
        """
        if not 0 < level < 1:
            raise ValueError(f"level must lie between 0 and 1, not {level!r}")
        mean, variance, change = self._forecast(x_new)
        scale = np.sqrt(self.widening**2 * (self.noise**2 + variance) + (self.turn * change) ** 2)
        half = stats.norm.isf((1 - level) / 2) * scale
        ends = self._y(mean - half), self._y(mean + half)
        return ends if self._sign > 0 else ends[::-1]

    def _forecast(self, x_new):
        """Log forecast, its variance (laws and parameters), and change beyond the data."""
        h = np.log(positive(x_new, "x_new")) - self._end
        if not self.identified:
            return np.full(len(h), self._middle), np.where(np.abs(h) <= ONE_X, 0.0, np.inf), np.zeros(len(h))
        h = np.append(h, 0.0)
        values, variances = [], []
        for name, (theta, covariance) in self._fits.items():
            value, slopes = curve_laws.LAWS[name].curve(theta, h[None])
            values.append(value[0])
            variances.append(np.einsum("ni,ij,nj->n", slopes[0], covariance, slopes[0]))
        mean, variance = _mix(self.weights.to_numpy(), np.array(values), np.array(variances))
        return mean[:-1], variance[:-1], np.where(h > 0, mean - mean[-1], 0.0)[:-1]

    def _y(self, z):
        with np.errstate(over="ignore", under="ignore"):
            return np.exp(self._sign * z)


def _thin(u, z):
    """Average neighbours until at most MOST_POINTS are left; also how many each stands for."""
    size = -(-len(u) // MOST_POINTS)
    edges = np.arange(0, len(u), size)
    count = np.diff(np.append(edges, len(u)))
    if size == 1:
        return u, z, 1
    u, z = np.add.reduceat(u, edges) / count, np.add.reduceat(z, edges) / count
    return u - u[-1], z, size


def _local_noise(u, z):
    """Scatter of each of the newest points about the line through its two neighbours."""
    left = (u[1:-1] - u[:-2]) / np.maximum(u[2:] - u[:-2], 1e-300)
    rest = z[1:-1] - (1 - left) * z[:-2] - left * z[2:]
    return float(np.sqrt(np.mean((rest**2 / (1 + left**2 + (1 - left) ** 2))[-12:])))


def _origins(u):
    """Numbers of points after which the rest is forecast."""
    n = len(u)
    first = max(_FEWEST, min(_FEWEST + 1, n - 2), int(np.ceil(0.4 * n)))
    possible = [k for k in range(first, n) if u[k] > u[k - 1] > u[0]]
    if len(possible) <= ORIGINS:
        return possible
    return [possible[i] for i in np.round(np.linspace(0, len(possible) - 1, ORIGINS)).astype(int)]


def _shape(u, z):
    """Where a stretch begins and ends, how long it is and how fast it falls."""
    quarter = max(len(u) // 4, 1)
    first, last, span = z[:quarter].mean(), z[-quarter:].mean(), u[-1] - u[0]
    return first, last, span, max(first - last, 0.05) / span


def _turn(error, change, noise):
    """Log of the share of a forecast change that came otherwise, noise taken off."""
    share = np.mean(np.maximum(error**2 - noise**2, 0)) / max(np.mean(change**2), 1e-300)
    return np.log(min(share, 1.0) + SMALLEST_TURN**2) / 2


def _weigh(errors, noise):
    """Shares of the laws: the inverse square of their mean squared forecast errors.

    The mean over origins is geometric, so that one early origin, from which no law
    could see what was coming, does not decide alone.
    """
    if not len(errors):
        return np.full(errors.shape[1], 1 / errors.shape[1])
    loss = np.log(errors + noise**2).mean(0)
    merit = np.exp(-2 * (loss - loss.min()))
    return merit / merit.sum()


def _mix(share, values, variances):
    """Mean of the laws' forecasts, and its variance between and within them."""
    mean = share @ values
    return mean, share @ (variances + (values - mean) ** 2)
