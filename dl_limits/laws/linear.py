"""Straight lines through points: the arithmetic under every one-variable law.

A law such as ``y = coef * x**-exponent`` is a straight line ``z = a + b h`` once
both axes are transformed. This module fits such lines several ways, keeps the
uncertainty of both numbers, and answers the inverse question (at which ``h`` does
the line reach a given ``z``?). `dl_limits.laws.powerlaw` translates to and from laws.

Everywhere a *falling* line (``b < 0``) is the expected direction. "The line
reaches ``z``" means: from that ``h`` on, the line lies at or below ``z``. A line
that does not fall never gets there, so the answer is ``inf``, never a gap in the
table.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm
from scipy import stats
from statsmodels.robust.norms import HuberT

from dl_limits.laws.checks import check_alpha

DIRECT = ("ols", "wls", "quantreg", "rlm")
SYMMETRIC = ("rma", "orthogonal")
LINE_METHODS = (*DIRECT, "reverse", *SYMMETRIC)
COVARIANCES = ("classical", "HC3", "cluster", "jackknife")


@dataclass(frozen=True)
class Line:
    """A fitted line ``z = intercept + slope * h`` and what is known of its error.

    Attributes
    ----------
    intercept, slope : float
        The line, at controls equal to zero.
    cov : ndarray, shape (2, 2)
        Covariance of intercept and slope; for ``method='reverse'`` of the
        intercept and slope of ``h`` on ``z``.
    scale : float
        Residual variance of ``z`` (of ``h`` for ``'reverse'``).
    df : float
        Degrees of freedom of the t distribution, ``inf`` for the normal.
    method : str
        One of `LINE_METHODS`.
    r : float
        Correlation of ``h`` and ``z`` after removing the controls.
    resid : ndarray, shape (n,)
        Residuals in the direction that was minimised (of ``z`` for symmetric lines).
    axis_ratio : float
        Ratio of the eigenvalues of the covariance of ``h`` and ``z``, controls removed.
    centre : float
        Mean of ``h``.
    """

    intercept: float
    slope: float
    cov: np.ndarray
    scale: float
    df: float
    method: str
    r: float
    resid: np.ndarray
    axis_ratio: float
    centre: float

    def slope_interval(self, alpha=0.05):
        """Interval of the slope, ``(lower, upper)``.

        Direct fits use the t (or normal) interval of the estimator. The reverse
        line inverts the interval of the slope of ``h`` on ``z``. The symmetric
        slopes use the closed forms of Warton et al. (2006, table 5); that of the
        reduced major axis takes the sign for granted, so it is unbounded where
        the correlation is not significant. Without a standard error (sparse
        quantile fits) the interval is unbounded too.
        """
        check_alpha(alpha)
        if self.method == "reverse":
            low, high = self._reverse_interval(alpha)
            return (1 / high, 1 / low) if low * high > 0 else (-np.inf, np.inf)
        if self.method == "rma":
            f = stats.f.isf(alpha, 1, self.df)
            if self.r**2 * self.df < f * (1 - self.r**2):
                return -np.inf, np.inf
            b = (1 - self.r**2) / self.df * f
            ends = self.slope * (np.sqrt(b + 1) + np.array([-1, 1]) * np.sqrt(b))
            return tuple(np.sort(ends))
        if self.method == "orthogonal":
            return self._orthogonal_interval(alpha)
        half = self.critical(alpha) * np.sqrt(self.cov[1, 1])
        return (-np.inf, np.inf) if np.isnan(half) else (self.slope - half, self.slope + half)

    def log_ratio_interval(self, dz, alpha=0.05):
        """Interval of ``dz / slope``, the step in ``h`` that changes ``z`` by `dz` < 0."""
        if self.method == "reverse":  # the step is dz times the slope of h on z
            low, high = self._reverse_interval(alpha)
            if high < 0:
                return dz * high, dz * low
            return (0.0 if low < 0 else np.inf), np.inf
        low, high = self.slope_interval(alpha)
        if np.isinf(low):
            return -np.inf, np.inf
        return (dz / low if low < 0 else np.inf), (dz / high if high < 0 else np.inf)

    def reach(self, z):
        """Return the ``h`` from which on the line lies at or below `z`."""
        return (z - self.intercept) / self.slope if self.slope < 0 else self.never(z)

    def never(self, z):
        """Answer of a line that does not fall: below the data never, above it always."""
        return np.inf if z < self.intercept + self.slope * self.centre else -np.inf

    def reach_interval(self, z, alpha=0.05, new=False):
        """Fieller interval of `reach`, in ``h``; either end may be infinite.

        Parameters
        ----------
        z : float
            The level to be reached.
        alpha : float
            One minus the confidence level.
        new : bool
            Whether a new observation (with its own scatter) is to reach `z`,
            instead of the line itself.

        Notes
        -----
        The set of all ``h`` at which a test of ``a + b h = z`` does not reject
        (Fieller 1954). It is a ray, or everything, when the slope is not
        significantly different from zero. Points of the set on the far side
        belong to lines that rise; by this module's convention such a line never
        gets there, so they count as ``inf`` (or, for a level above the data, as
        having been there always) and the set becomes one interval.
        """
        if self.method in SYMMETRIC:
            raise ValueError(f"method={self.method!r} has no Fieller interval: use interval='bootstrap'")
        t2 = self.critical(alpha) ** 2
        extra = self.scale if new else 0.0
        if self.method == "reverse":
            if self.slope >= 0:  # a prediction of h that says nothing about reaching z
                return -np.inf, np.inf
            c, d = -self.intercept / self.slope, 1 / self.slope
            half = np.sqrt(t2 * (np.array([1, z]) @ self.cov @ np.array([1, z]) + extra))
            return c + d * z - half, c + d * z + half
        gap, v = self.intercept - z, self.cov
        # t2 * var(gap + b h) - (gap + b h)^2 >= 0, a quadratic q2 h^2 + q1 h + q0 <= 0
        q2 = self.slope**2 - t2 * v[1, 1]
        q1 = 2 * (gap * self.slope - t2 * v[0, 1])
        q0 = gap**2 - t2 * (v[0, 0] + extra)
        disc = q1**2 - 4 * q2 * q0
        if not disc >= 0 or q2 == 0:  # also without a standard error
            return -np.inf, np.inf
        low, high = sorted((-q1 + np.array([-1, 1]) * np.sqrt(disc)) / (2 * q2))
        if q2 > 0:
            return (low, high) if self.slope < 0 else (self.never(z),) * 2
        # Two rays. Falling lines reach a level below the data to the right of its
        # middle and a level above the data to the left of it.
        return (high, np.inf) if self.never(z) > 0 else (-np.inf, low)

    def mean_variance(self, h):
        """Variance of the line at `h` (array), direct methods only."""
        if self.method not in DIRECT:
            raise ValueError(f"method={self.method!r} has no standard error for predictions")
        h = np.asarray(h, float)
        return self.cov[0, 0] + 2 * h * self.cov[0, 1] + h**2 * self.cov[1, 1]

    def critical(self, alpha):
        """Two-sided critical value at level `alpha`."""
        check_alpha(alpha)
        return stats.norm.isf(alpha / 2) if np.isinf(self.df) else stats.t.isf(alpha / 2, self.df)

    def _reverse_interval(self, alpha):
        half = self.critical(alpha) * np.sqrt(self.cov[1, 1])
        return 1 / self.slope - half, 1 / self.slope + half

    def _orthogonal_interval(self, alpha):
        ratio = self.axis_ratio
        h = stats.f.isf(alpha, 1, self.df) / (self.df * (ratio + 1 / ratio - 2))
        if h > 0.25:
            return -np.inf, np.inf
        angles = np.arctan(self.slope) + np.array([-0.5, 0.5]) * np.arcsin(2 * np.sqrt(h))
        if np.any(np.abs(angles) >= np.pi / 2):
            return -np.inf, np.inf
        return tuple(np.tan(angles))


def fit_line(z, h, *, controls=None, weights=None, groups=None, method="ols", cov="classical", q=0.5):
    """Fit ``z = a + b h (+ controls)``.

    Parameters
    ----------
    z, h : ndarray, shape (n,)
        Response and predictor, finite.
    controls : ndarray, shape (n, k), optional
        Further linear terms; the line returned is the one at controls of zero.
    weights : ndarray, shape (n,), optional
        For ``'wls'``: inverse variances up to a factor.
    groups : ndarray, shape (n,), optional
        Cluster labels for ``cov='cluster'`` and ``'jackknife'``.
    method : {'ols', 'wls', 'quantreg', 'rlm', 'reverse', 'rma', 'orthogonal'}
        statsmodels' OLS, WLS, QuantReg and RLM (Huber); 'reverse' regresses h on z
        and turns the line round; 'rma' is the reduced major axis; 'orthogonal' the
        major axis (equal error variance in z and h).
    cov : {'classical', 'HC3', 'cluster', 'jackknife'}
        Covariance of OLS, WLS and reverse fits. 'jackknife' leaves out one group
        at a time (CV3 of MacKinnon, Nielsen & Webb 2023): with few groups its
        intervals cover better than those of 'cluster'.
    q : float
        The quantile of ``'quantreg'``.

    Returns
    -------
    Line
    """
    z, h = np.asarray(z, float), np.asarray(h, float)
    extra = np.empty((len(z), 0)) if controls is None else np.asarray(controls, float)
    moments = _partial_moments(z, h, extra, weights)
    r = float(moments[0, 1] / np.sqrt(moments[0, 0] * moments[1, 1]))
    small, large = np.linalg.eigvalsh(moments)
    shape = {"method": method, "r": r, "axis_ratio": large / max(small, 1e-300)}
    shape["centre"] = float(h.mean())
    if method in SYMMETRIC:
        count = np.ones((1, len(z)))
        intercept, slope = refit(z, h, count, controls=controls, method=method)[0]
        others = np.linalg.lstsq(np.column_stack([np.ones(len(z)), extra]), z - slope * h, rcond=None)[0]
        resid = z - slope * h - np.column_stack([np.ones(len(z)), extra]) @ others
        df = len(z) - 2 - extra.shape[1]
        se = abs(slope) * np.sqrt((1 - r**2) / df)
        if method == "orthogonal":  # Kermack & Haldane 1950
            se = se / abs(r)
        covariance = np.array([[np.nan, np.nan], [np.nan, se**2]])
        return Line(intercept, slope, covariance, float(resid @ resid / df), df, resid=resid, **shape)

    response, predictor = (h, z) if method == "reverse" else (z, h)
    middle = predictor.mean()  # centred: the iterative estimators converge, and nothing else changes
    design = np.column_stack([np.ones(len(z)), predictor - middle, extra])
    fitted = _statsmodels(response, design, weights, groups, method, cov, q)
    df = float(fitted.df_resid_inference) if cov == "cluster" else float(fitted.df_resid)
    back = np.array([[1, -middle], [0, 1]])
    a, b = back @ fitted.params[:2]
    covariance = back @ np.asarray(fitted.cov_params())[:2, :2] @ back.T
    if cov == "jackknife":
        labels = np.unique(groups)
        keep = (np.asarray(groups) != labels[:, None]).astype(float)
        moved = refit(response, predictor, keep, controls=controls, weights=weights, method="ols") - [a, b]
        df = len(labels) - 1.0
        covariance = df / len(labels) * moved.T @ moved
    scale = float(fitted.scale**2 if method == "rlm" else fitted.scale)
    if method == "reverse":
        a, b = -a / b, 1 / b
    return Line(float(a), float(b), covariance, scale, df, resid=np.asarray(fitted.resid), **shape)


def _statsmodels(y, design, weights, groups, method, cov, q):
    if method == "quantreg":
        return sm.QuantReg(y, design).fit(q=q)
    if method == "rlm":
        return sm.RLM(y, design, M=HuberT()).fit()
    model = sm.OLS(y, design) if weights is None else sm.WLS(y, design, weights=weights)
    if cov == "HC3":
        return model.fit(cov_type="HC3", use_t=True)
    if cov == "cluster":
        return model.fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
    return model.fit()


def _partial_moments(z, h, extra, weights):
    w = np.sqrt(np.ones(len(z)) if weights is None else weights)[:, None]
    base = np.column_stack([np.ones(len(z)), extra]) * w
    pair = np.column_stack([h, z]) * w
    rest = pair - base @ np.linalg.lstsq(base, pair, rcond=None)[0]
    return rest.T @ rest


def refit(z, h, counts, *, controls=None, weights=None, method="ols", q=0.5):
    """Fit the same line to many weighted copies of the data at once.

    Parameters
    ----------
    z, h : ndarray, shape (n,)
        Response and predictor.
    counts : ndarray, shape (m, n)
        How often each row occurs in each of the m copies (bootstrap counts, or
        zeros and ones for leaving rows out).
    controls, weights, method, q
        As in `fit_line`.

    Returns
    -------
    ndarray, shape (m, 2)
        Intercept and slope of each copy; NaN where a copy does not determine them.
    """
    z, h = np.asarray(z, float), np.asarray(h, float)
    base = np.column_stack([np.ones(len(z)), *([] if controls is None else np.asarray(controls, float).T)])
    w = np.asarray(counts, float) * (1.0 if weights is None else np.asarray(weights, float))
    if method in ("quantreg", "rlm"):
        return _reweighted(z, np.column_stack([base, h]), w, method, q)
    return _from_moments(z, h, base, w, method)


def _from_moments(z, h, base, w, method):
    """Slopes from the weighted second moments, the base columns projected out."""
    k = base.shape[1]
    # centring keeps the moments well conditioned; the intercept is shifted back below
    z0, h0 = z.mean(), h.mean()
    columns = np.column_stack([base, h - h0, z - z0])
    products = np.einsum("ni,nj->nij", columns, columns).reshape(len(z), -1)
    m = (w @ products).reshape(-1, k + 2, k + 2)
    inner, cross = m[:, :k, :k], m[:, :k, k:]
    good = np.linalg.cond(inner) < 1e10
    inner = np.where(good[:, None, None], inner, np.eye(k))
    solved = np.linalg.solve(inner, cross)
    s = m[:, k:, k:] - np.swapaxes(cross, 1, 2) @ solved
    hh, hz, zz = s[:, 0, 0], s[:, 0, 1], s[:, 1, 1]
    good &= hh > 1e-12 * np.maximum(m[:, k, k], 1e-300)
    with np.errstate(divide="ignore", invalid="ignore"):
        if method == "reverse":
            slope = zz / hz
        elif method == "rma":
            slope = np.sign(hz) * np.sqrt(zz / hh)
        elif method == "orthogonal":
            slope = (zz - hh + np.sqrt((zz - hh) ** 2 + 4 * hz**2)) / (2 * hz)
        else:
            slope = hz / hh
        intercept = solved[:, 0, 1] + z0 - slope * (solved[:, 0, 0] + h0)
    return np.where(good[:, None], np.column_stack([intercept, slope]), np.nan)


def _reweighted(z, design, w, method, q, rounds=60):
    """Iteratively reweighted least squares, all copies together (as QuantReg and RLM do)."""
    k = design.shape[1]
    middle = np.append(0, design[:, 1:].mean(axis=0))
    centred = design - middle  # well conditioned; the intercept is shifted back below
    products = np.einsum("ni,nj->nij", centred, centred).reshape(len(z), -1)
    response = centred * z[:, None]

    def solve(weights):
        return np.linalg.solve((weights @ products).reshape(-1, k, k), (weights @ response)[:, :, None])[:, :, 0]

    good = np.linalg.cond((w @ products).reshape(-1, k, k)) < 1e10
    active = np.flatnonzero(good)
    beta = np.full((len(w), k), np.nan)
    beta[active] = solve(w[active])
    for _ in range(rounds):
        resid = z - beta[active] @ centred.T
        if method == "quantreg":
            factor = np.where(resid < 0, 1 - q, q) / np.maximum(np.abs(resid), 1e-6)
        else:
            scale = _median(np.abs(resid), w[active]) / stats.norm.ppf(0.75)
            scaled = np.abs(resid) / np.maximum(scale, 1e-12)[:, None]
            factor = np.minimum(1, HuberT().t / np.maximum(scaled, 1e-12))
        step = solve(w[active] * factor)
        moved = np.abs(step - beta[active]).max(axis=1) > 1e-7
        beta[active] = step
        active = active[moved]
        if not len(active):
            break
    beta[:, 0] -= beta @ middle
    return beta[:, [0, -1]]


def _median(values, counts):
    """Median of each row of `values`, every value repeated `counts` times."""
    order = np.argsort(values, axis=1)
    ranked = np.take_along_axis(values, order, 1)
    total = np.cumsum(np.take_along_axis(counts, order, 1), axis=1)
    half = total[:, -1:] / 2
    rows = np.arange(len(values))
    return (ranked[rows, (total >= half).argmax(1)] + ranked[rows, (total > half).argmax(1)]) / 2


@dataclass(frozen=True)
class Lines:
    """Least-squares lines of many series on one x.

    Attributes
    ----------
    intercept, slope, slope_se, sigma : ndarray, shape (m,)
        Line at x = 0, its slope and standard error, residual standard deviation.
    resid : ndarray, shape (m, s)
        Residuals.
    x : ndarray, shape (s,)
        The predictor.
    """

    intercept: np.ndarray
    slope: np.ndarray
    slope_se: np.ndarray
    sigma: np.ndarray
    resid: np.ndarray
    x: np.ndarray

    def at(self, x_new):
        """Return the lines at one x, shape (m,)."""
        return self.intercept + self.slope * x_new

    def prediction_se(self, x_new):
        """Return the nominal standard error of a new observation at one x, shape (m,)."""
        centred = self.x - self.x.mean()
        return self.sigma * np.sqrt(1 + 1 / len(self.x) + (x_new - self.x.mean()) ** 2 / (centred**2).sum())


def lines(x, y):
    """Fit a line to every row of `y`; the same as one OLS a row, in one product.

    Parameters
    ----------
    x : array_like, shape (s,)
        Predictor shared by all series; at least three distinct values.
    y : array_like, shape (m, s)
        Series.

    Returns
    -------
    Lines
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    if len(np.unique(x)) < 3 or y.shape[1] != len(x):
        raise ValueError(f"x needs at least 3 distinct values and as many as y has columns ({y.shape[1]})")
    centred = x - x.mean()
    spread = (centred**2).sum()
    slope = y @ centred / spread
    intercept = y.mean(axis=1) - slope * x.mean()
    resid = y - intercept[:, None] - slope[:, None] * x
    sigma = np.sqrt((resid**2).sum(axis=1) / (len(x) - 2))
    return Lines(intercept, slope, sigma / np.sqrt(spread), sigma, resid, x)
