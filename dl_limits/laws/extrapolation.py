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
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from dl_limits.laws import curve_laws
from dl_limits.laws.checks import paired, positive
from dl_limits.laws.estimate import Estimate

FARTHEST = 1e6  # `required` looks so many times beyond the data
RECENCY = 0.6  # a point counts as x**0.6: the newest points tell most about the next
MERIT = 2.0  # laws share by their mean squared error to the power of minus this
MOST_ORIGINS = 8  # forecasts are tried from at most so many origins
ONE_X = 1e-6  # x that differ by less, relatively, are one x
_FEWEST = 3  # points before the first origin
MOST_POINTS = 48  # longer curves are averaged within this many groups of neighbours
LEAST_NOISE = 1e-3  # no curve is believed to be known better than to 0.1 per cent
SMALLEST_TURN = 0.03  # the least share of a forecast change that one origin can tell. Set, not tuned

# Learnt by `python -m benchmarks.curves --learn`, on LCDB 1.1 (CC BY 4.0; Yan, Mohr and Viering 2025, arXiv
# 2505.15657): 544 sample-size curves of 98 data sets, whole and thinned to 5 to 14 points. TAILS is what is wide
# enough at 95 % for data sets that were left out; that such a t is right at other levels was seen, not made.
TURN = 0.32  # share of a forecast change that comes otherwise, before any origin has told
PAST = 0.41  # error of a past forecast over noise**OWN, before any origin has told
OWN = 0.5  # how far a curve's own noise says what forecasts of it miss
BELIEF = 4.0  # how many origins that counts as
SPREAD = 0.1  # of the variance between and within the laws: they disagree more than they err
TAILS = 1.95  # degrees of freedom of Student's t

FLAT_HOLDS = 0.84  # how often the 95 % intervals held what followed curves that had moved by less than FLAT

# Set, not tuned.
FLAT = 0.05  # range of log y below which a curve is called flat
WORTH_SAYING = 1.05  # a widening that shows in print
RISES, LEAST_STEPS = 0.05, 8  # a never-rising curve: at most this share of steps rises, of at least so many points


def extrapolate(x: ArrayLike, y: ArrayLike) -> Extrapolation:
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
    origins : DataFrame, indexed by origin (number of points seen)
        How the weighted forecast did there: ``error``, root mean square of log y as in
        `errors`, and ``turn``, the share of the forecast change that came otherwise.
    past : float
        Geometric mean of ``error``, with `BELIEF` origins more of ``PAST noise**OWN``.
    turn : float
        Geometric mean of ``turn``, with `BELIEF` origins more of `TURN`.
    moved : float
        Range of the log y seen.
    widening : float
        How many times larger than `noise` the noise of a raw new point may be, because
        the curve never rises: see `notes`. 1 for every other curve.
    notes : list of str
        What the reader of the forecast has to know, in sentences.
    identified : bool
        Whether x differs by more than a millionth. If not, nothing can be said away
        from the one x, and intervals are unbounded there.
    """

    def __init__(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        order = np.lexsort((y, x))
        u, z, self.nobs = np.log(x[order]), np.log(y[order]), len(x)
        self._end = u[-1]
        u, z, size = _thin(u - u[-1], z)
        self.identified = bool(u[0] < -ONE_X)
        self.widening, self.moved, self.notes = 1.0, 0.0, []
        self._sign = -1.0 if self.identified and np.polyfit(u, z, 1)[0] > 0 else 1.0
        z = self._sign * z
        if not self.identified:
            self._middle, self.noise = z.mean(), max(z.std(ddof=1), LEAST_NOISE)
            self.past, self.turn = 0.0, 0.0
            self.notes.append("All points lie at one x: nothing can be said about another x.")
            self.weights, self.errors, self._fits = pd.Series(dtype=float), pd.DataFrame(), {}
            self.origins = pd.DataFrame(columns=["error", "turn"], dtype=float)
            return
        with np.errstate(over="ignore", under="ignore"):  # curves over hundreds of powers of ten
            self._fit(u, z, size)
        z = self._sign * np.log(y[order])
        self._look_filtered(z)
        self.moved, self._best = float(np.ptp(z)), float(z.min())
        if self.moved < FLAT:
            self.notes.append(
                f"The curve has moved by less than {FLAT:.0%}: it may be at its floor, or not have begun to fall, and "
                f"nothing in it tells. Of what followed such curves, 95 % intervals held {FLAT_HOLDS:.0%}."
            )

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
        told = []
        for i, (k, rest) in enumerate(ahead):  # weights from the other origins: a forecast of the forecast
            share = _weigh(np.delete(errors, i, 0) if len(errors) > 1 else errors, local)
            mean = share @ values[:, i, rest]
            missed = ((mean - z[rest]) ** 2 / (shifted[i, rest] / (u[k - 1] - u[0]))).mean()
            turn = _turn(mean - z[rest], mean - share @ values[:, i, k - 1], local)
            told.append((np.sqrt(missed + local**2), turn))
        self.origins = pd.DataFrame(told, self.errors.index, ["error", "turn"], dtype=float)
        rest = z - self.weights.to_numpy() @ values[:, -1]
        spread = (weights[-1] @ rest**2) / weights[-1].sum() * n / (n - 3)
        # averages of `size` points hide all but a part of the noise; what the laws miss they do not hide
        self.noise = float(max(np.sqrt(spread + (size - 1) * local**2), LEAST_NOISE))
        self.past = _believed(self.origins["error"], PAST * self.noise**OWN)
        self.turn, self._span = _believed(self.origins["turn"], TURN), -u[0]
        if not told:
            self.notes.append(
                "Too few points to try a forecast from: how far it may miss is taken from other curves alone."
            )

    def _look_filtered(self, z):
        """Widen the noise of a curve that never rises, and say so.

        The best of k values so far scatters less than one value. What an envelope
        hides is therefore as large as the smallest of k normal values is steadier
        than one, where k is the number of points within which the curve falls by
        its own noise. A smooth curve falls by it at every point, and keeps its width.
        """
        if len(z) < LEAST_STEPS or (np.diff(z) > 0).mean() > RISES:
            return
        newest = z[-12:]
        quarter = len(newest) // 3
        fall = (newest[:quarter].mean() - newest[-quarter:].mean()) / (len(newest) - quarter)
        k = float(np.clip(self.noise / max(fall, 1e-12), 1, len(z)))
        self.widening = 1 / _steadiness(k)
        if self.widening >= WORTH_SAYING:
            self.notes.append(
                f"The curve (almost) never turns back, as smoothed or best-so-far values do: a raw new point may "
                f"scatter more. Its noise is taken {self.widening:.1f} times larger, by what the best of {k:.0f} hides."
            )

    def __repr__(self):
        """Say which laws carry the forecast."""
        if not self.identified:
            return f"<Extrapolation: {self.nobs} points at one x, nothing to carry on>"
        top = ", ".join(f"{name} {share:.0%}" for name, share in self.weights.nlargest(3).items())
        return f"<Extrapolation: {self.nobs} points; {top}>"

    def predict(self, x_new: ArrayLike) -> NDArray[np.float64]:
        """Return the forecast at `x_new` (an array, positive), in the unit of y."""
        return self._y(self._forecast(x_new)[0])

    def predict_each(self, x_new: ArrayLike) -> pd.DataFrame:
        """Return what each law alone forecasts.

        Returns
        -------
        DataFrame, indexed by x_new, one column a law
        """
        h = np.log(positive(x_new, "x_new")) - self._end
        table = {name: self._y(curve_laws.LAWS[name].curve(t, h[None])[0][0]) for name, (t, _) in self._fits.items()}
        return pd.DataFrame(table, pd.Index(np.exp(h + self._end), name="x"))

    def predict_interval(
        self, x_new: ArrayLike, level: float = 0.95
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
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
        Half the width, in log y, is a quantile of Student's t times the root of

        ``(widening noise)² + SPREAD spread² + (turn change)² + (past r)²``

        with the spread between the laws and of their parameters, the change that is
        forecast from the end of the data on, and r, how far ahead x lies in lengths of
        the curve (log x). The quantile is Student's with `TAILS` degrees of freedom:
        some curves take off after a long rest, and nothing in them told.
        """
        if not 0 < level < 1:
            raise ValueError(f"level must lie between 0 and 1, not {level!r}")
        mean, *_ = self._forecast(x_new)
        parts = self.parts(x_new)
        scale = np.sqrt(parts["noise"] + SPREAD * parts["spread"] + parts["turn"] + parts["past"]).to_numpy()
        half = stats.t.isf((1 - level) / 2, TAILS) * scale
        ends = self._y(mean - half), self._y(mean + half)
        return ends if self._sign > 0 else ends[::-1]

    def parts(self, x_new: ArrayLike) -> pd.DataFrame:
        """Return what the interval is made of: variances of log y, as `predict_interval` names them.

        Returns
        -------
        DataFrame, indexed by x_new, columns ``noise``, ``spread``, ``turn``, ``past``
        """
        _, spread, change, ahead = self._forecast(x_new)
        noise = np.full(len(ahead), (self.widening * self.noise) ** 2)
        turn, past = (self.turn * change) ** 2, (self.past * ahead) ** 2
        return pd.DataFrame(
            {"noise": noise, "spread": spread, "turn": turn, "past": past}, pd.Index(positive(x_new, "x_new"), name="x")
        )

    def required(self, target: float, level: float = 0.95) -> Estimate:
        """Return the smallest x whose forecast reaches a target: beyond the data, unless one of them has reached it.

        Parameters
        ----------
        target : float
            Positive, in the unit of y.
        level : float
            Confidence level, between 0 and 1.

        Returns
        -------
        Estimate
            x, and where the better and the worse end of `predict_interval` reach the
            target. ``inf`` what does not, within `FARTHEST` times the largest x.
        """
        aim = self._sign * np.log(positive([target], "target")[0])
        if not self.identified:
            return Estimate(np.inf, 0.0, np.inf, "one x only", 1 - level)
        start = -self._span if self._best <= aim else 0.0
        h = np.linspace(start, np.log(FARTHEST), 4000)
        x = np.exp(h + self._end)
        ends = np.sort(self._sign * np.log(np.array(self.predict_interval(x, level))), axis=0)
        curves = self._sign * np.log(self.predict(x)), *ends
        middle, low, high = (_first_below(h, curve, aim) for curve in curves)
        return Estimate(
            *(float(np.exp(place + self._end)) for place in (middle, low, high)), "average of laws", 1 - level
        )

    def _forecast(self, x_new):
        """Log forecast, its variance (laws and parameters), change and lengths beyond the data."""
        h = np.log(positive(x_new, "x_new")) - self._end
        if not self.identified:
            return np.full(len(h), self._middle), np.where(np.abs(h) <= ONE_X, 0.0, np.inf), *np.zeros((2, len(h)))
        h = np.append(h, 0.0)
        values, variances = [], []
        for name, (theta, covariance) in self._fits.items():
            value, slopes = curve_laws.LAWS[name].curve(theta, h[None])
            values.append(value[0])
            variances.append(np.einsum("ni,ij,nj->n", slopes[0], covariance, slopes[0]))
        mean, variance = _mix(self.weights.to_numpy(), np.array(values), np.array(variances))
        change = np.where(h > 0, mean - mean[-1], 0.0)
        return mean[:-1], variance[:-1], change[:-1], np.maximum(h[:-1], 0) / self._span

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
    if len(possible) <= MOST_ORIGINS:
        return possible
    return [possible[i] for i in np.round(np.linspace(0, len(possible) - 1, MOST_ORIGINS)).astype(int)]


def _shape(u, z):
    """Where a stretch begins and ends, how long it is and how fast it falls."""
    quarter = max(len(u) // 4, 1)
    first, last, span = z[:quarter].mean(), z[-quarter:].mean(), u[-1] - u[0]
    return first, last, span, max(first - last, 0.05) / span


def _turn(error, change, noise):
    """The share of a forecast change that came otherwise, noise taken off."""
    share = np.mean(np.maximum(error**2 - noise**2, 0)) / max(np.mean(change**2), 1e-300)
    return np.sqrt(min(share, 1.0) + SMALLEST_TURN**2)


def _believed(told, before):
    """Geometric mean of what the origins told, with what was believed before as `BELIEF` origins more."""
    return float(np.exp((BELIEF * np.log(before) + np.log(told).sum()) / (BELIEF + len(told))))


def _steadiness(k):
    """Standard deviation of the smallest of k standard normal values (k real, at least 1), by quadrature."""
    v = np.linspace(-9, 9, 1801)
    share = stats.norm.pdf(v) * stats.norm.sf(v) ** (k - 1)
    share /= share.sum()
    return float(np.sqrt(share @ (v - share @ v) ** 2))


def _first_below(h, z, aim):
    """Where z, linear between the h, first falls to the aim; infinite if nowhere."""
    below = np.flatnonzero(z <= aim)
    if not len(below):
        return np.inf
    i = below[0]
    return h[0] if i == 0 else h[i - 1] + (h[i] - h[i - 1]) * (z[i - 1] - aim) / (z[i - 1] - z[i])


def _weigh(errors, noise):
    """Shares of the laws: their mean squared forecast errors to the power of -MERIT.

    The mean over origins is geometric, so that one early origin, from which no law
    could see what was coming, does not decide alone.
    """
    if not len(errors):
        return np.full(errors.shape[1], 1 / errors.shape[1])
    loss = np.log(errors + noise**2).mean(0)
    merit = np.exp(-MERIT * (loss - loss.min()))
    return merit / merit.sum()


def _mix(share, values, variances):
    """Mean of the laws' forecasts, and its variance between and within them."""
    mean = share @ values
    return mean, share @ (variances + (values - mean) ** 2)
