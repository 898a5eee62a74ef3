"""The bill of deep learning: projections of 2020, what runs cost, and where trends would lead.

Everything about a future year is arithmetic on trends: it says what would happen *if
trends held*. Bases of cost (hardware written off, rental price) are never mixed in one
fit; neither are bases of energy.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy import stats

from dl_limits import data
from dl_limits.dates import LATEST, decimal_year
from dl_limits.inference.trend_shapes import line_on_date
from dl_limits.laws.checks import choice
from dl_limits.studies.gpt.compute import TOP, frontier
from dl_limits.studies.imagenet import fits, points

BASES = {"amortised": "hardware written off, and energy", "cloud_rental": "rental price"}
_DRAWS = 20_000
START_FACTOR = 2.0  # two published versions of the same cost table differ by up to this
GDP_GROWTH = 1.02  # assumed real growth a year
SHARES = {"0.1 % of US GDP": 0.001, "1 % of US GDP": 0.01}
DOLLARS = {"$1 billion": 1e9, "$10 billion": 1e10}
TWH = 1e6  # in MWh
PUBLISHED_UNTIL = pd.Timestamp("2024-03-31")  # where the models of the published fit end


@dataclass(frozen=True)
class Growth:
    """Growth of a quantity per year, with a 95 % interval.

    Attributes
    ----------
    factor, low, high : float
        Factor a year.
    log, log_se : float
        The same as natural logarithm, with its standard error.
    df : float
        Degrees of freedom of its t distribution, ``inf`` for the normal.
    n : int
        Number of models.
    """

    factor: float
    low: float
    high: float
    log: float
    log_se: float
    df: float
    n: int

    def draw(self, n_draws, rng):
        """Draw logarithms of the factor from its sampling distribution."""
        noise = rng.standard_normal(n_draws) if np.isinf(self.df) else rng.standard_t(self.df, n_draws)
        return self.log + self.log_se * noise


def costs(basis="amortised", until=LATEST):
    """Return the costs on one basis, with ``year`` (decimal); models without training compute are left out.

    Raises
    ------
    ValueError
        For a basis that is not in `BASES`.
    """
    choice(basis, BASES, "basis")
    table = data.load("training_costs")
    table = table[(table["basis"] == basis) & (table["published"] <= until)].dropna(subset=["training_flop"]).copy()
    table["year"] = decimal_year(table["published"])
    return table


def cost_growth(basis="amortised", until=LATEST, top=TOP):
    """Fit log cost on date over the frontier, least squares with HAC standard errors.

    Parameters
    ----------
    basis : {'amortised', 'cloud_rental'}
        Basis of the costs.
    until : Timestamp
        Models published up to this date.
    top : int
        As in `frontier`, ranked by training compute.

    Returns
    -------
    Growth
    """
    return growth_of(frontier(costs(basis, until), top))


def growth_of(table):
    """Return the `Growth` of ``cost_usd`` over ``year``, rows in order of date, as `cost_growth` fits it."""
    fit = line_on_date(np.log(table["cost_usd"].to_numpy()), table["year"].to_numpy() - table["year"].mean())
    low, high = np.exp(fit.conf_int()[1])
    log, log_se = float(fit.params[1]), float(fit.bse[1])
    return Growth(float(np.exp(log)), float(low), float(high), log, log_se, float(fit.df_resid), len(table))


def published_growth(trend_id):
    """Return a published growth rate as `Growth`; its interval is turned to 95 %."""
    row = data.load("cost_trends").set_index("trend_id").loc[trend_id]
    factor = float(row["growth_per_year"])
    log = float(np.log(factor))
    if pd.isna(row["low"]):
        return Growth(factor, np.nan, np.nan, log, 0.0, np.inf, 0)
    z = stats.norm.isf((100 - row["level_pct"]) / 200)
    se = (np.log(row["high"]) - np.log(row["low"])) / (2 * z)
    low, high = np.exp(log + np.array([-1, 1]) * 1.96 * se)
    return Growth(factor, float(low), float(high), log, float(se), np.inf, 0)


def growth_table():
    """Return our growth rates of cost beside the published ones, one row each."""
    rows = []
    cases = [("all", TOP, LATEST), ("records only", 1, LATEST), ("to March 2024, as published", TOP, PUBLISHED_UNTIL)]
    for (basis, words), (which, top, until) in product(BASES.items(), cases):
        found = cost_growth(basis, until, top)
        rows.append([words, which, found.n, found.factor, found.low, found.high])
    for name, words in (("cost_cottier_2024", BASES["amortised"]), ("cost_cottier_2023", "final run, many systems")):
        rate = published_growth(name)
        rows.append([words, f"published {name[-4:]}", pd.NA, rate.factor, rate.low, rate.high])
    return pd.DataFrame(rows, columns=["basis", "models", "n", "factor", "low", "high"])


def counterforces(hardware="price_ml_gpus", algorithms="algorithms_language"):
    """Return the published rates of what makes a given capability cheaper, as `Growth` by name."""
    return {"hardware": published_growth(hardware), "algorithms": published_growth(algorithms)}


def fixed_capability(years, forces=None, n_draws=_DRAWS):
    """Return the cost of a fixed capability relative to today's, if both counterforces held.

    Better hardware for the money and fewer operations for the same result multiply.

    Parameters
    ----------
    years : array_like, shape (k,)
        Years from now.
    forces : dict, optional
        From `counterforces`.
    n_draws : int
        Of the simulation.

    Returns
    -------
    DataFrame
        ``years``, ``median``, ``low``, ``high`` (95 %).
    """
    rng = np.random.default_rng(0)
    fall = sum(force.draw(n_draws, rng) for force in (forces or counterforces()).values())
    years = np.asarray(years, float)
    low, median, high = np.quantile(np.exp(-fall[:, None] * years), [0.025, 0.5, 0.975], axis=0)
    return pd.DataFrame({"years": years, "median": median, "low": low, "high": high})


def fall_table():
    """Return how many times cheaper a fixed capability gets a year, for every pair of published rates.

    Returns
    -------
    DataFrame
        ``hardware``, ``algorithms`` (scopes of the two rates), ``factor``, ``low``, ``high`` (95 %).
    """
    trends = data.load("cost_trends").set_index("trend_id")
    names = [trends.index[trends["quantity"] == q] for q in ("hardware_price_performance", "algorithmic_progress")]
    rows = []
    for pair in product(*names):
        one = fixed_capability([1.0], counterforces(*pair)).iloc[0]
        rows.append([*trends.loc[list(pair), "scope"], 1 / one["median"], 1 / one["high"], 1 / one["low"]])
    return pd.DataFrame(rows, columns=["hardware", "algorithms", "factor", "low", "high"])


def gdp(year_published):
    """Return the latest US GDP in the table not later than a year, in dollars, and its year."""
    table = data.load("economy").query("quantity == 'us_gdp'").sort_values("year")
    row = table[table["year"] <= year_published].iloc[-1]
    return float(row["value_usd"]), int(row["year"])


def crossing(start, year, growth, threshold, *, yearly=1.0, since=None, n_draws=_DRAWS, seed=0):
    """Draw the year in which a growing quantity passes a threshold, if its trend held.

    Parameters
    ----------
    start, year : float
        Largest value so far and its date.
    growth : Growth or sequence of Growth
        Growth of the quantity; several multiply.
    threshold : float
        What is to be passed.
    yearly, since : float
        The threshold grows by this factor a year from the date `since` on (`year` if left out).
    n_draws, seed : int
        Of the simulation. The start is uncertain too: 90 % within `START_FACTOR`.

    Returns
    -------
    ndarray, shape (n_draws,)
        Years; ``inf`` where the trend never gets there.
    """
    rng = np.random.default_rng(seed)
    growths = [growth] if isinstance(growth, Growth) else growth
    rate = sum(g.draw(n_draws, rng) for g in growths) - np.log(yearly)
    begin = np.log(start) + np.log(START_FACTOR) / stats.norm.isf(0.05) * rng.standard_normal(n_draws)
    since = year if since is None else since
    gap = np.log(threshold) + np.log(yearly) * (year - since) - begin
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(gap <= 0, year, np.where(rate > 0, year + gap / rate, np.inf))


def cost_paths(until=LATEST):
    """Return the named specifications of the frontier's cost: name -> (largest run, its date, growth).

    The published growth rate of 2024 is used for the evidence of later dates only.
    """
    paths = {}
    for basis, words in BASES.items():
        table = costs(basis, until)
        largest = table.loc[table["cost_usd"].idxmax()]
        start = float(largest["cost_usd"]), float(largest["year"])
        paths[words] = (*start, cost_growth(basis, until))
        if basis == "amortised" and until >= pd.Timestamp("2024-06-01"):
            paths[words + ", published growth"] = (*start, published_growth("cost_cottier_2024"))
    return paths


def energy_table():
    """Return the accounts of energy and emissions, with the energy that chips at rated power would use.

    Returns
    -------
    DataFrame
        As ``training_energy``, with ``rated_mwh`` (chip hours times rated power) and ``year`` (decimal).
    """
    table = data.load("training_energy")
    table["rated_mwh"] = table["chip_hours"] * table["rated_power_w"] / 1e6
    table["year"] = decimal_year(table["published"])
    return table.sort_values(["published", "model"], kind="stable")


def energy_paths():
    """Return the named specifications of the frontier's energy: name -> (MWh, date, growths).

    Chips at rated power only: cooling and hosts would add to them.
    """
    table = energy_table().dropna(subset=["rated_mwh"])
    power, duration = published_growth("power_frontier"), published_growth("duration_frontier")
    paths = {}
    for name, bases in (
        ("largest run told by its developer", ["rated_power"]),
        ("largest run in a database", ["database_hardware"]),
    ):
        row = table[table["basis"].isin(bases)].nlargest(1, "rated_mwh").iloc[0]
        start = float(row["rated_mwh"]), float(row["year"])
        paths[name] = (*start, [power])
        paths[name + ", longer runs"] = (*start, [power, duration])
    return paths


def threshold_years(until=LATEST):
    """Return when a frontier run would pass each threshold, if trends held.

    Returns
    -------
    DataFrame
        ``threshold``, ``path``, ``median``, ``low``, ``high`` (90 % of the draws), ``by_start``
        and ``by_end`` of 2030: shares of the draws.
    """
    value, year = gdp(until.year)
    rows = []
    for path, (start, begin, growth) in cost_paths(until).items():
        for name, usd in DOLLARS.items():
            rows.append([name, path, crossing(start, begin, growth, usd)])
        for name, share in SHARES.items():
            draws = crossing(start, begin, growth, share * value, yearly=GDP_GROWTH, since=year + 0.5)
            rows.append([name, path, draws])
    if until >= LATEST:
        for path, (start, begin, growths) in energy_paths().items():
            rows.append(["1 TWh", path, crossing(start, begin, growths, TWH)])
    table = pd.DataFrame(rows, columns=["threshold", "path", "draws"])
    for column, q in (("median", 0.5), ("low", 0.05), ("high", 0.95)):
        table[column] = [float(np.quantile(d, q, method="higher")) for d in table["draws"]]
    for column, limit in (("by_start", 2030.0), ("by_end", 2031.0)):
        table[column] = [float(np.mean(d < limit)) for d in table["draws"]]
    return table


def unit_price():
    """Return the dollars per FLOP implied by the projections of 2022 (computing and cost to 5 % error)."""
    printed = data.load("projections_2020").set_index("projection_id")["value"]
    return float(10 ** (printed["2022_cost_5pct"] - printed["2022_compute_5pct"]))


def unit_emissions():
    """Return the tonnes of CO2 per FLOP of one measured run of 2020, GPT-3."""
    run = data.load("training_energy").set_index("account_id").loc["gpt_3_175b_measured_power"]
    flop = data.load("training_costs").set_index("cost_id").loc["gpt_3_175b_davinci_amortised", "training_flop"]
    return float(run["emissions_t"] / flop)


def projection_table():
    """Return the projected bill for ImageNet at the error of 2020 and at 5 %, as powers of ten.

    Computing from the refitted regressions of 2020 (chapter 06), dollars at the unit price
    implied by the revision of 2022, tonnes at the emissions of GPT-3; the revision itself
    as printed.

    Returns
    -------
    DataFrame
        ``model``, ``error_pct``, ``flop``, ``usd``, ``usd_low``, ``usd_high`` (95 %), ``co2_t``.
    """
    price, tonnes = np.log10(unit_price()), np.log10(unit_emissions())
    rows = []
    for form in fits.ERROR_LAWS:
        fit = fits.published_fit(form)
        for error in points.levels():
            flop, low, high = fit.required(error).log10()
            rows.append([f"2020, {form}", error, flop, flop + price, low + price, high + price, flop + tonnes])
    printed = data.load("projections_2020").set_index("projection_id")["value"]
    revised = printed["2022_compute_5pct"]
    rows.append(
        ["2022, as printed", points.levels()[1], revised, printed["2022_cost_5pct"], np.nan, np.nan, revised + tonnes]
    )
    return pd.DataFrame(rows, columns=["model", "error_pct", "flop", "usd", "usd_low", "usd_high", "co2_t"])
