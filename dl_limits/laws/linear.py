"""Straight lines through points: the arithmetic under every one-variable law.

A law such as ``y = coef * x**-exponent`` is a straight line ``z = a + b h`` once
both axes are transformed. This module fits such lines several ways, keeps the
uncertainty of both numbers, and answers the inverse question (at which ``h`` does
the line reach a given ``z``?). `dl_limits.laws.powerlaw` translates to and from laws.

Everywhere a *falling* line (``b < 0``) is the expected direction. "The line reaches ``z``" means: from
that ``h`` on, the line lies at or below ``z``. One that does not fall never gets there: the answer is ``inf``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm
from scipy import stats
from statsmodels.robust.norms import HuberT

from dl_limits.laws import resampling, robust
from dl_limits.laws.checks import SAME, check_alpha, codes

DIRECT = ("ols", "wls", "quantreg", "rlm")
SYMMETRIC = ("rma", "orthogonal")
LINE_METHODS = (*DIRECT, "reverse", *SYMMETRIC)
COVARIANCES = ("classical", "HC3", "cluster", "jackknife")


@dataclass(frozen=True)
class Line:
    """A fitted line ``z = intercept + slope * h`` and what is known of its error.

    Attributes
    ----------
    height, slope : float
        The line at `centre` and how it falls, at controls equal to zero.
    cov : ndarray, shape (2, 2)
        Covariance of the two; for ``method='reverse'`` of the ``h`` at `pivot` and the
        slope of ``h`` on ``z``. NaN where the estimator or the data give none.
    scale : float
        Residual variance of ``z`` (of ``h`` for ``'reverse'``).
    df : float
        Degrees of freedom of the t distribution, ``inf`` for the normal.
    method : str
        One of `LINE_METHODS`.
    r, unexplained : float
        Correlation of ``h`` and ``z`` after removing the controls, and one less its square.
    resid : ndarray, shape (n,)
        Residuals in the direction that was minimised (of ``z`` for symmetric lines).
    axis_ratio : float
        Ratio of the eigenvalues of the covariance of ``h`` and ``z``, controls removed.
    centre, pivot : float
        Mean of ``h``, and of ``z``. Everything is counted from there: far from the data
        the same numbers would be differences of large ones.
    """

    height: float
    slope: float
    cov: np.ndarray
    scale: float
    df: float
    method: str
    r: float
    unexplained: float
    resid: np.ndarray
    axis_ratio: float
    centre: float
    pivot: float

    @property
    def intercept(self):
        """The line at ``h = 0``."""
        return self.height - self.slope * self.centre

    @property
    def intercept_error(self):
        """Standard error of `intercept`; NaN where the method gives none."""
        return float(np.sqrt(self.mean_variance(0.0))) if self.method in DIRECT else np.nan

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
            if self.r**2 * self.df < f * self.unexplained:
                return -np.inf, np.inf
            b = self.unexplained / self.df * f
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
        return self.centre + (z - self.height) / self.slope if self.slope < 0 else self.never(z)

    def never(self, z):
        """Answer of a line that does not fall: below the data never, above it always."""
        return np.inf if z < self.height else -np.inf

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
            u = np.array([1, z - self.pivot])
            half = np.sqrt(t2 * (u @ self.cov @ u + extra))
            return self.reach(z) - half, self.reach(z) + half
        gap, v = self.height - z, self.cov
        # t2 * var(gap + b u) - (gap + b u)^2 >= 0 with u = h - centre: q2 u^2 + 2 q1 u + q0 <= 0. The
        # discriminant is written without the squares that cancel, which leave nothing of a nearly exact law.
        v00 = v[0, 0] + extra
        q2 = self.slope**2 - t2 * v[1, 1]
        q1 = gap * self.slope - t2 * v[0, 1]
        inner = self.slope**2 * v00 - 2 * gap * self.slope * v[0, 1] + gap**2 * v[1, 1]
        disc = t2 * (inner - t2 * (v00 * v[1, 1] - v[0, 1] ** 2))
        if not disc >= 0 or q2 == 0:  # also without a standard error
            return -np.inf, np.inf
        low, high = self.centre + np.sort((-q1 + np.array([-1, 1]) * np.sqrt(disc)) / q2)
        if q2 > 0:
            return (float(low), float(high)) if self.slope < 0 else (self.never(z),) * 2
        # Two rays. Falling lines reach a level below the data to the right of its
        # middle and a level above the data to the left of it.
        return (float(high), np.inf) if self.never(z) > 0 else (-np.inf, float(low))

    def mean_variance(self, h):
        """Variance of the line at `h` (array), direct methods only."""
        if self.method not in DIRECT:
            raise ValueError(f"method={self.method!r} has no standard error for predictions")
        u = np.asarray(h, float) - self.centre
        return self.cov[0, 0] + 2 * u * self.cov[0, 1] + u**2 * self.cov[1, 1]

    def half_width(self, h, alpha, new=False):
        """Half the interval of the line, or of a new observation, at `h`; infinite without a standard error."""
        half = self.critical(alpha) * np.sqrt(self.mean_variance(h) + (self.scale if new else 0.0))
        return np.where(np.isnan(half), np.inf, half)[()]

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
    extra, shift, _ = _scaled(controls, len(z))
    shape = {"method": method, "centre": float(h.mean()), "pivot": float(z.mean())}
    shape |= _association(z - shape["pivot"], h - shape["centre"], extra, weights)
    if method in SYMMETRIC:
        return _symmetric(z, h, extra, shift, shape)
    turned = method == "reverse"
    response, predictor = (h, z - shape["pivot"]) if turned else (z, h - shape["centre"])
    design = np.column_stack([np.ones(len(z)), predictor, extra])
    fitted = _statsmodels(response, design, weights, groups, method, cov, q)
    df = float(fitted.df_resid_inference) if cov == "cluster" else float(fitted.df_resid)
    back = np.column_stack([np.eye(2), np.stack([-shift, 0 * shift])])  # from scaled controls to controls of zero
    params, covariance = fitted.params, np.asarray(fitted.cov_params())
    if method == "quantreg":
        params = robust.quantile_lines(response, design, np.ones((1, len(z))), q)[0]
    if cov == "HC3":
        weight = np.ones(len(z)) if weights is None else np.asarray(weights, float)
        covariance = robust.sandwich(design, np.asarray(fitted.resid), weight, None, "HC3", fitted.scale)
    a, b = back @ params
    covariance = back @ covariance @ back.T
    if cov == "jackknife":
        left_out = leave_out(response, predictor, codes(groups), controls=controls, weights=weights)
        moved, df = left_out - [a, b], len(left_out) - 1.0
        covariance = df / len(left_out) * moved.T @ moved
    if turned:  # the height of the line where h has its mean
        a, b = shape["pivot"] + (shape["centre"] - a) / b, 1 / b
    robustly = isinstance(fitted.model, sm.RLM)
    if robustly and fitted.scale <= SAME * np.ptp(response):  # most points on the line: no scale, no standard error
        covariance = np.full((2, 2), np.nan)
    scale = float(fitted.scale**2 if robustly else fitted.scale)
    return Line(float(a), float(b), covariance, scale, df, resid=response - design @ params, **shape)


def _scaled(controls, n):
    """Controls counted from their means in units of their range, these means in those units, and the ranges."""
    controls = np.empty((n, 0)) if controls is None else controls
    controls = np.asarray(controls, float)
    middle, width = controls.mean(axis=0), np.ptp(controls, axis=0)
    width = np.where(width > 0, width, 1.0)
    return (controls - middle) / width, middle / width, width


def _association(z, h, extra, weights):
    """Correlation and ratio of axes of h and z, the controls removed."""
    w = np.sqrt(np.ones(len(z)) if weights is None else weights)[:, None]
    base, pair = np.column_stack([np.ones(len(z)), extra]) * w, np.column_stack([h, z]) * w
    pair = pair - base @ np.linalg.lstsq(base, pair, rcond=None)[0]
    (hh, hz), (_, zz) = pair.T @ pair
    rest = pair[:, 1] - hz / hh * pair[:, 0]
    unexplained = float(min(rest @ rest / zz, 1.0))  # not from 1 - r**2: of a nearly exact law that leaves nothing
    large = (hh + zz + np.hypot(hh - zz, 2 * hz)) / 2
    small = hh * zz * unexplained / large
    r = float(np.clip(hz / np.sqrt(hh * zz), -1, 1))
    return {"r": r, "unexplained": unexplained, "axis_ratio": float(large / max(small, 1e-300))}


def _symmetric(z, h, extra, shift, shape):
    count, method = np.ones((1, len(z))), shape["method"]
    height, slope = refit(z, h - shape["centre"], count, controls=extra, method=method)[0]
    base = np.column_stack([np.ones(len(z)), extra])
    others = np.linalg.lstsq(base, z - slope * h, rcond=None)[0]
    resid = z - slope * h - base @ others
    df = len(z) - 2 - extra.shape[1]
    se = abs(slope) * np.sqrt(shape["unexplained"] / df)
    if method == "orthogonal":  # Kermack & Haldane 1950
        se = se / abs(shape["r"])
    covariance = np.array([[np.nan, np.nan], [np.nan, se**2]])
    height = height - shift @ others[1:]
    return Line(float(height), float(slope), covariance, float(resid @ resid / df), df, resid=resid, **shape)


def _statsmodels(y, design, weights, groups, method, cov, q):
    if method == "quantreg":
        return sm.QuantReg(y, design).fit(q=q)
    model = sm.OLS(y, design) if weights is None else sm.WLS(y, design, weights=weights)
    if method == "rlm":
        plain = model.fit()  # where every point lies on the line there is no scatter to be robust against
        return plain if np.abs(plain.resid).max() <= SAME * np.ptp(y) else sm.RLM(y, design, M=HuberT()).fit()
    if cov == "cluster":
        return model.fit(cov_type="cluster", cov_kwds={"groups": codes(groups)}, use_t=True)
    return model.fit()


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
    w = np.asarray(counts, float) * (1.0 if weights is None else np.asarray(weights, float))
    if method in ("quantreg", "rlm"):
        every = [h] if controls is None else [controls, h]
        return robust_refit(z, np.column_stack(every), w, method, q)[:, [0, -1]]
    z, h, extra, shift, columns = _columns(z, h, controls)
    return _from_moments(_moments(columns, w), z.mean(), h.mean(), shift, method)


def robust_refit(z, columns, counts, method="quantreg", q=0.5):
    """Fit quantile or Huber regressions on several columns to many weighted copies of the data at once.

    Parameters
    ----------
    z : ndarray, shape (n,)
        Response.
    columns : ndarray, shape (n, k)
        Regressors beside the constant.
    counts : ndarray, shape (m, n)
        As in `refit`.
    method : {'quantreg', 'rlm'}
    q : float
        The quantile of 'quantreg'.

    Returns
    -------
    ndarray, shape (m, k + 1)
        Intercept and coefficients of each copy; NaN where a copy does not determine them.
    """
    scaled, shift, width = _scaled(columns, len(z))
    design, middle = np.column_stack([np.ones(len(z)), scaled]), np.mean(z)
    good = np.flatnonzero(_determined(_moments(design, counts)))
    found = np.full((len(counts), design.shape[1]), np.nan)
    fit = robust.quantile_lines if method == "quantreg" else robust.huber_lines
    found[good] = fit(z - middle, design, counts[good], q)
    found[:, 0] += middle - found[:, 1:] @ shift
    found[:, 1:] /= width
    return found


def leave_out(z, h, units, *, controls=None, weights=None, method="ols", q=0.5):
    """Fit the same line without each unit in turn, in memory that grows with the rows alone.

    Parameters
    ----------
    z, h : ndarray, shape (n,)
        Response and predictor.
    units : ndarray of int, shape (n,)
        Which of the k units (numbered from 0) each row belongs to.
    controls, weights, method, q
        As in `fit_line`.

    Returns
    -------
    ndarray, shape (k, 2)
        As `refit`.
    """
    k, options = units.max() + 1, {"controls": controls, "weights": weights, "method": method, "q": q}
    if method in ("quantreg", "rlm"):
        size = max(1, resampling.BLOCK // len(z))
        parts = (np.arange(i, min(i + size, k)) for i in range(0, k, size))
        return np.vstack([refit(z, h, units != part[:, None], **options) for part in parts])
    z, h, extra, shift, columns = _columns(z, h, controls)
    w = np.ones(len(z)) if weights is None else np.asarray(weights, float)
    width = columns.shape[1]
    pairs = [(i, j) for i in range(width) for j in range(i, width)]
    moments = np.empty((k, width, width))
    for i, j in pairs:
        own = np.bincount(units, w * columns[:, i] * columns[:, j], k)
        moments[:, i, j] = moments[:, j, i] = own.sum() - own
    return _from_moments(moments, z.mean(), h.mean(), shift, method)


def _columns(z, h, controls):
    """Constant, scaled controls, h and z, the last two counted from their means."""
    z, h = np.asarray(z, float), np.asarray(h, float)
    extra, shift, _ = _scaled(controls, len(z))
    return z, h, extra, shift, np.column_stack([np.ones(len(z)), extra, h - h.mean(), z - z.mean()])


def _moments(columns, w):
    """Weighted second moments of the columns for each row of weights, shape (m, k, k)."""
    products = np.einsum("ni,nj->nij", columns, columns).reshape(len(columns), -1)
    return (w @ products).reshape(-1, columns.shape[1], columns.shape[1])


def _determined(moments):
    """Whether each matrix of moments can be solved, whatever the units of its columns."""
    size = np.sqrt(np.maximum(np.einsum("mii->mi", moments), 1e-300))
    return np.linalg.cond(moments / (size[:, :, None] * size[:, None])) < 1e10


def _from_moments(m, z0, h0, shift, method):
    """Lines from weighted second moments of `_columns`, all columns but the last two projected out."""
    k = len(shift) + 1
    inner, cross = m[:, :k, :k], m[:, :k, k:]
    good = _determined(inner)
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
        at = solved[:, 0] - np.einsum("j,mjc->mc", shift, solved[:, 1:])  # at controls of zero
        intercept = at[:, 1] + z0 - slope * (at[:, 0] + h0)
    return np.where(good[:, None], np.column_stack([intercept, slope]), np.nan)
