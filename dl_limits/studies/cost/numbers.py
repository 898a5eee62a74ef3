"""The numbers that chapter 09 quotes: what each is and where it comes from."""

from __future__ import annotations

import numpy as np

from dl_limits.dates import CUTOFF, LATEST
from dl_limits.inference.persistence import persistent_line
from dl_limits.studies.cost import claims, runs, trends
from dl_limits.studies.gpt.compute import frontier
from dl_limits.words import Number

_HOURS, _USD_PER_HOUR = 2.788e6, 2  # of DeepSeek-V3, as printed
_COSTS = "training_costs, basis amortised"
_FALL = "cost_trends, rows price_ml_gpus and algorithms_language"
_PASSED = "studies.cost.trends.threshold_years"


def numbers():
    """Return every number of chapter 09 by name: a dict of `dl_limits.words.Number`."""
    return _projected() | _spent() | _single() | _cheaper() | _passed() | _chances()


def _projected():
    """Return the projections of 2020 for 5 % error, recomputed, and those printed in 2022."""
    table = trends.projection_table().query("error_pct == 5").set_index("model")
    line, curve, printed = table.loc[["2020, power law", "2020, exponential", "2022, as printed"]].to_dict("records")
    rows, both = "projections_2020, row 2022_", "projections_2020, rows 2022_cost_5pct and 2022_compute_5pct"
    power, line_of_2020 = "power of ten of dollars for 5 % error", "power law of 2020, price of 2022"
    printed_2022 = "for 5 % error, printed in 2022"
    points = "imagenet_regression_2020, all rows"
    priced = f"{points}; price: {both}"
    emitted = f"{points}; studies.cost.trends.unit_emissions"
    price = "power of ten of dollars per FLOP, both printed in 2022 for 5 % error"
    lowest = f"{line_of_2020}, lower 95 % end"
    less = f"{power}: power law of 2020 less the figure printed in 2022"
    return {
        "revised_flop": Number(printed["flop"], 0, f"power of ten of FLOP {printed_2022}", f"{rows}compute_5pct"),
        "revised_usd": Number(printed["usd"], 0, f"power of ten of dollars {printed_2022}", f"{rows}cost_5pct"),
        "price": Number(np.log10(trends.unit_price()), 0, price, both),
        "usd": Number(line["usd"], 1, f"{power}, {line_of_2020}", priced),
        "usd_low": Number(line["usd_low"], 1, f"{power}, {line_of_2020}: lower 95 % end", priced),
        "usd_low_million": Number(10 ** line["usd_low"] / 1e6, -1, f"million dollars for 5 % error: {lowest}", priced),
        "usd_high": Number(line["usd_high"], 0, f"{power}, {line_of_2020}: upper 95 % end", priced),
        "span": Number(line["usd_high"] - line["usd_low"], 0, f"{power}: upper less lower 95 % end", priced),
        "curve": Number(curve["usd"], 0, f"{power}, exponential form of 2020, price of 2022", priced),
        "moved": Number(line["usd"] - printed["usd"], 1, less, priced),
        "co2": Number(line["co2_t"], 1, "power of ten of tonnes of CO₂, 5 % error, GPT-3's rate per FLOP", emitted),
    }


def _spent():
    """Return the growth of what runs cost."""
    growth, again = trends.cost_growth(), trends.cost_growth(until=trends.PUBLISHED_UNTIL)
    fitted = "growth of the ten largest runs' cost, times a year, log cost on date"
    published = trends.published_growth("cost_cottier_2024").factor
    last, rent = frontier(trends.costs())["published"].dt.year.max(), _HOURS * _USD_PER_HOUR / 1e6
    hours = "DeepSeek-V3's chip hours times the rental price that DeepSeek assumes, million dollars"
    return {
        "growth": Number(growth.factor, 1, fitted, _COSTS),
        "growth_low": Number(growth.low, 1, f"{fitted}: lower 95 % end", _COSTS),
        "growth_high": Number(growth.high, 1, f"{fitted}: upper 95 % end", _COSTS),
        "published": Number(
            published, 1, "printed growth of the largest runs' cost, times a year", "cost_trends, row cost_cottier_2024"
        ),
        "again": Number(again.factor, 1, fitted, f"{_COSTS}, to March 2024"),
        "data_end": Number(last, None, "year of the newest run that was among the ten largest so far", _COSTS),
        "deepseek": Number(rent, 2, hours, "training_costs, row deepseek_v3_stated, column locator"),
    }


def _single():
    """Return ratios and sizes of single accounts of energy and emissions."""
    table, source = trends.energy_table().set_index("account_id"), "training_energy, row"
    emissions, energy = table["emissions_t"], table["rated_mwh"]
    intensity = emissions / table["energy_mwh"]
    france, states = "bloom_176b_measured_place", "bloom_176b_rated_power"
    outside = "transformer_big_with_architecture_search_estimate_2019"
    authors, grok = "evolved_transformer_search_measured_power", "grok_3_database_hardware"
    place = "emissions of BLOOM's training a MWh: US average over the place where it was trained, France"
    times = "emissions of an architecture search, outside estimate of 2019 over its authors' figure"
    return {
        "place": Number(intensity[states] / intensity[france], 1, place, f"{source}s {states} and {france}"),
        "search": Number(emissions[outside] / emissions[authors], 0, times, f"{source}s {outside} and {authors}"),
        "grok": Number(energy[grok] / 1e3, 0, "Grok 3: chip hours times rated power, GWh", f"{source} {grok}"),
    }


def _cheaper():
    """Return how fast a fixed capability becomes cheaper."""
    one, five = trends.fixed_capability([1.0, 5.0]).to_dict("records")
    pairs, less = trends.fall_table()["factor"], "times cheaper a fixed capability gets in"
    middle, ends = "two published rates multiplied", "95 % end"
    every = "cost_trends, quantities hardware_price_performance and algorithmic_progress"
    year, years = f"{less} one year", f"{less} five years"
    return {
        "fall": Number(1 / one["median"], 1, f"{year}, {middle}, median", _FALL),
        "fall_short": Number(1 / one["median"], 0, f"{year}, {middle}, median", _FALL),
        "fall_low": Number(1 / one["high"], 1, f"{year}, {middle}: lower {ends}", _FALL),
        "fall_high": Number(1 / one["low"], 1, f"{year}, {middle}: upper {ends}", _FALL),
        "five": Number(1 / five["median"], -1, f"{years}, {middle}, median", _FALL),
        "five_low": Number(1 / five["high"], 0, f"{years}, {middle}: lower {ends}", _FALL),
        "five_high": Number(1 / five["low"], -2, f"{years}, {middle}: upper {ends}", _FALL),
        "least": Number(pairs.min(), 1, f"{year}, smallest median over all pairs of rates", every),
        "most": Number(pairs.max(), 1, f"{year}, largest median over all pairs of rates", every),
    }


def _passed():
    """Return the marks and the years in which the trends pass them."""
    years, (economy, year) = trends.threshold_years(), trends.gdp(2026)
    billion = years[years["threshold"] == "$1 billion"].set_index("path")["median"]
    written_off, rented = billion[trends.BASES["amortised"]], billion[trends.BASES["cloud_rental"]]
    mark, passes = trends.SHARES[claims.ECONOMIC] * economy / 1e9, "median year when the trend of cost passes"
    return {
        "mark": Number(mark, 0, f"a thousandth of US GDP in {year}, billion dollars", f"economy, row us_gdp_{year}"),
        "rent_year": Number(rented, None, f"{passes} a billion dollars, rented, counted from the dearest run", _PASSED),
        "off_year": Number(written_off, None, f"{passes} a billion dollars, hardware written off", _PASSED),
    }


def _chances():
    """Return the probabilities that a run passes a mark, and the growth with errors that persist."""
    now, then = (runs.chances(date).set_index(["mark", "basis"]) for date in (LATEST, CUTOFF))
    money = (claims.ECONOMIC, trends.BASES["amortised"])
    rented, power = (claims.ECONOMIC, trends.BASES["cloud_rental"]), (claims.ENERGY, "chips at rated power")
    economic, energetic = (f"chance that a run passes {mark} before" for mark in (claims.ECONOMIC, claims.ENERGY))
    source = "studies.cost.runs.chances"
    table = runs.frontier_costs()
    low, high = np.exp(persistent_line(np.log(table["value"]), table["year"]).conf_int())
    growth = "95 % end of the growth of cost a year, errors allowed to persist"
    return {
        "run_gdp": Number(now.loc[money, "by_end"], 2, f"{economic} 2031, hardware written off", source),
        "run_gdp_start": Number(now.loc[money, "by_start"], 2, f"{economic} 2030, hardware written off", source),
        "run_gdp_rented": Number(now.loc[rented, "by_end"], 2, f"{economic} 2031, rented", source),
        "run_twh": Number(now.loc[power, "by_end"], 2, f"{energetic} 2031, chips at rated power", source),
        "run_twh_start": Number(now.loc[power, "by_start"], 2, f"{energetic} 2030, chips at rated power", source),
        "run_early": Number(then.loc[money, "by_end"], 2, f"{economic} 2031, costs to July 2020", source),
        "persistent_low": Number(low, 1, f"lower {growth}", "studies.cost.runs.frontier_costs"),
        "persistent_high": Number(high, 1, f"upper {growth}", "studies.cost.runs.frontier_costs"),
    }
