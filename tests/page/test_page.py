"""What reaches a page: figures with their sentence and table, numbers, verdicts."""

import base64
import html
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from dl_limits import dates, figures, page, verdicts, words
from dl_limits.calibration import figures as calibration_figures
from dl_limits.calibration import report
from dl_limits.claims import argument, ledger
from dl_limits.figures.style import finish
from dl_limits.studies.imagenet import backtest, fits, points, scales, specification_figure, specifications, stress
from dl_limits.studies.imagenet import figures as imagenet_figures
from dl_limits.studies.scaling import figures as scaling_figures
from dl_limits.studies.scaling import fit, returns

ROOT = Path(__file__).parents[2]
InteractiveShell.instance()  # rich output exists only where there is a shell
CURVE = specifications.specifications()
FIGURES = {
    "argument": lambda: argument.plot_argument(),
    "two scales": lambda: scales.plot_two_scales(
        points.documented_models(dates.LATEST), fits.documented_fit(), fits.later_fit(), dates.CUTOFF
    ),
    "extrapolation": lambda: imagenet_figures.plot_extrapolation(
        fits.published_fit(), points.regression_points(), 11.5, 5.0, 3.5e23
    ),
    "forest": lambda: imagenet_figures.plot_forest(fits.repair_table(), points.claimed_region()),
    "curve": lambda: specification_figure.plot_specification_curve(CURVE.estimates(), 5, (4, 6), ("form", "data")),
    "curve alone": lambda: specification_figure.plot_specification_curve(CURVE.estimates("relative"), None, None),
    "floor": lambda: imagenet_figures.plot_floor(stress.assumed_floors(), 5.0, {"labels": 5.83}, "2020"),
    "backtest": lambda: imagenet_figures.plot_backtest(
        fits.documented_fit(), points.documented_models(), backtest.backtest()
    ),
    "thresholds": lambda: imagenet_figures.plot_thresholds(
        verdicts.thresholds(fits.reference_table(), 5).assign(evidence="2020"), 1.0
    ),
    "frontier": lambda: scaling_figures.plot_frontier(
        fit.runs(), returns.compute_optimal(np.logspace(18, 26, 60)), ("GPT-3", 3.14e23, 2.0)
    ),
    "returns": lambda: scaling_figures.plot_returns(returns.returns(np.logspace(18, 26, 5)), ("GPT-3", 3.14e23)),
    "residuals": lambda: scaling_figures.plot_residuals(fit.residuals()),
    "floors of the surface": lambda: scaling_figures.plot_floor_estimates(fit.floors()),
    "parts": lambda: scaling_figures.plot_parts(returns.parts()),
    "coverage": lambda: calibration_figures.plot_interval_coverage(report.stored_coverage(), report.ACCEPTED),
    "coverage of other chapters": lambda: calibration_figures.plot_other_coverage(
        report.other_chapters(), report.ACCEPTED
    ),
    "forecasts": lambda: calibration_figures.plot_forecast_errors(report.forecast_scores()),
}


@pytest.fixture(params=FIGURES)
def axes(request):
    return FIGURES[request.param]()


def shown(ax, name="some_name"):
    with capture_output() as captured:
        page.show(ax, name)
    return [output.data for output in captured.outputs]


def test_figures_carry_their_sentence_and_their_table(axes):
    image, link = shown(axes)
    assert image["image/svg+xml"].lstrip().startswith("<?xml")
    assert len(image["text/plain"]) > 40 and re.search(r"\d", image["text/plain"])
    encoded = re.search(r'download="some_name.csv" href="data:text/csv;base64,([^"]+)"', link["text/html"])
    table = pd.read_csv(io.BytesIO(base64.b64decode(encoded[1])))
    assert len(table) == len(figures.table_behind(axes)) > 0
    assert f"{len(table)} rows" in link["text/html"]


def test_equal_figures_are_equal_bytes():
    first, second = (shown(FIGURES["floor"]())[0]["image/svg+xml"] for _ in range(2))
    assert first == second
    assert not re.search(r"<dc:date>|Matplotlib v", first)


def test_parts_of_a_drawing_are_numbered_in_order_under_its_own_name():
    """Matplotlib's ids hash the last digits of coordinates, and drawings of one document must not share any."""
    svg = shown(FIGURES["floor"](), "06_floor")[0]["image/svg+xml"]
    referred = re.findall(r'(?:href="|url\()#([\w.-]+)', svg)
    assert list(dict.fromkeys(referred)) == [f"figure-06_floor-{i}" for i in range(len(set(referred)))]
    defined = re.findall(r' id="([^"]+)"', svg)
    assert len(defined) == len(set(defined)) and set(referred) <= set(defined)
    assert not [name for name in defined if re.search(r"[0-9a-f]{8}", name)]


HOSTILE = """
lines.linewidth: 9
lines.marker: s
font.family: monospace
font.size: 21
axes.grid: True
axes.facecolor: yellow
axes.formatter.limits: -1, 1
patch.linewidth: 7
scatter.marker: x
errorbar.capsize: 9
legend.frameon: False
savefig.bbox: tight
svg.fonttype: none
path.sketch: 3, 100, 2
"""
SOME = ("argument", "extrapolation", "thresholds", "coverage")
DRAW = f"""
from tests.page.test_page import FIGURES, shown
for name in {SOME}:
    print(shown(FIGURES[name]())[0]["image/svg+xml"], end="")
"""


@pytest.mark.builder
def test_a_readers_matplotlibrc_changes_no_figure(tmp_path):
    file = tmp_path / "matplotlibrc"
    file.write_text(HOSTILE)
    environment = os.environ | {"MATPLOTLIBRC": str(file), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", DRAW], cwd=ROOT, env=environment, check=True, capture_output=True)
    plain = [shown(FIGURES[name]())[0]["image/svg+xml"] for name in SOME]
    assert done.stdout.decode("utf-8").splitlines() == "".join(plain).splitlines()


def test_own_settings_leave_a_readers_own_figures_alone():
    with plt.rc_context({"lines.linewidth": 9}):
        FIGURES["floor"]()
        assert plt.rcParams["lines.linewidth"] == 9


def test_the_axes_travel_with_the_table():
    text = shown(FIGURES["thresholds"]())[1]["text/html"]
    axes = html.unescape(re.search(r'data-axes="([^"]+)"', text)[1])
    assert axes.startswith("x linear 0 to 6: 0, 1, 2, 3, 4, 5, 6; y linear -0.6 to 3.1: 2020: documented models, ")
    assert "Tolerance, powers of ten" in axes and "\n" not in axes


def test_powers_of_ten_are_named_in_the_table_where_asked():
    fig, ax = plt.subplots()
    table = pd.DataFrame({"low": [2025.7], "estimate": [4.9]})
    assert list(finish(ax, "", table, ["estimate"]).figure.table) == ["low", "log10_estimate"]
    assert list(finish(ax, "", table).figure.table) == ["low", "estimate"]
    with pytest.raises(KeyError, match="high"):
        finish(ax, "", table, ["high"])
    plt.close(fig)


def test_axes_say_scale_limits_ticks_and_what_is_written():
    fig, ax = plt.subplots()
    ax.set(xscale="log", xlim=(1, 1000), ylim=(-1e-17, 0.25), xlabel="here", title="above")
    ax.set_yticks([0, 0.25], ["none", "a quarter"])
    ax.text(2, 0.1, "a\nnote")
    fig.canvas.draw()
    text = figures.axes_text(ax)
    assert re.match(r"x log 0 to 3: .*; y linear 0 to 0\.25: none, a quarter; ", text)
    assert {"here", "above", "a note"} < set(text.split("; "))
    plt.close(fig)


def test_ties_in_tables_and_downloads_go_away_from_zero():
    ax = FIGURES["floor"]()
    ax.figure.table = pd.DataFrame({"tie": [0.123445, 2.5e-20], "whole": [1, 2], "none": [np.nan, np.inf]})
    link = shown(ax)[1]["text/html"]
    csv = base64.b64decode(re.search(r"base64,([^\"]+)", link)[1]).decode()
    assert csv == "tie,whole,none\n0.12345,1,\n2.5e-20,2,inf\n"
    with capture_output() as captured:
        page.table(pd.DataFrame({"a": [0.125], "b": [-0.001]}), "c", {"a": ".2f", "b": ".1f"})
    assert re.findall(r"<td[^>]*>([^<]*)</td>", captured.outputs[0].data["text/html"]) == ["0.13", "0.0"]


def test_rounding_spares_the_size_of_letters():
    svg = shown(FIGURES["floor"]())[0]["image/svg+xml"]
    scales = {float(s) for s in re.findall(r"scale\(([\d.]+)", svg)}
    assert scales == {1 / 64, 0.08, 0.09, 0.092, 0.1}  # the glyph grid, and letters of 8 to 10 points
    without_scale = re.sub(r"scale\([^)]*\)", "", svg)
    assert not re.search(r"\d\.\d{3}", without_scale.split("</metadata>")[-1])


@pytest.mark.parametrize(
    ("exponent", "digits", "text"),
    [(18, 0, "10¹⁸"), (4.93, 1, "10^4.9"), (-2, 0, "10⁻²"), (np.inf, 0, "no limit"), (-np.inf, 0, "0")],
)
def test_powers_are_written_as_people_do(exponent, digits, text):
    assert words.power_cell(exponent, digits) == text


def test_numbers_are_shown_with_what_they_are_and_kept_for_the_prose():
    number = words.Number(np.float64(1 / 3), 4, "a third of <one>", "some_table")
    with capture_output() as captured:
        page.numbers("06", {"some_value": number})
    (output,) = captured.outputs
    assert output.metadata["numbers"] == {"06-some-value": ["0.3333", "A third of <one>. From: some_table."]}
    text = output.data["text/html"]
    assert 'id="number-06-some-value"' in text and "a third of &lt;one&gt;" in text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(2026.96, None, "2026"), (999.6, 0, "1,000"), (-1234567.4, 0, "−1,234,567"), (-0.004, 2, "0.00"), (12.5, 0, "13")],
)
def test_prose_has_its_numbers_as_people_write_them(value, digits, text):
    assert words.Number(value, digits, "", "").text == text


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_prose_quotes_no_number_that_is_none(value):
    with pytest.raises(ValueError, match=r"cannot quote (nan|inf): the slope"):
        words.Number(value, 2, "the slope", "some_table")


def test_tables_have_caption_and_headers():
    frame = pd.DataFrame({"a_b": [1.234, 5.0], "c": ["<x>", "y"]})
    with capture_output() as captured:
        page.table(frame, "What & why", {"a_b": ".1f"})
    text = captured.outputs[0].data["text/html"]
    assert "<caption>What &amp; why</caption>" in text and '<th scope="col" class="number">a b</th>' in text
    assert "1.2" in text and "1.234" not in text and "&lt;x&gt;" in text


def test_cells_show_powers_and_ratios_without_computer_notation():
    frame = pd.DataFrame({"flop": [1.76e19, 2e-5], "times": [320.0, 2e6]})
    with capture_output() as captured:
        page.table(frame, "c", {"flop": words.known(".2e"), "times": words.ratio})
    text = captured.outputs[0].data["text/html"].replace("\u00a0", " ")
    for cell in ("1.76 × 10<sup>19</sup>", "2.00 × 10<sup>−5</sup>", ">320<", ">10<sup>6.3</sup><"):
        assert cell in text


def test_a_verdict_shows_its_words_and_numbers():
    for claim in ("pretraining-limits", "imagenet-compute"):
        found = ledger.verdict(claim)
        with capture_output() as captured:
            page.verdict(claim)
        text = captured.outputs[0].data["text/html"]
        assert found.verdict in text and f'id="{claim}"' in text
        assert ("10<sup>" in text) == (claim == "imagenet-compute") and "^" not in text


def test_intervals_become_words():
    assert words.span([-1.234, 0.5], [2.0, np.inf], ".1f") == ["−1.2 to 2.0", "0.5 to no limit"]


def test_a_glued_figure_is_complete_by_itself():
    with capture_output() as captured:
        page.glue_figure(FIGURES["argument"](), "01-some", "some_name")
    output = captured.outputs[0]
    text = output.data["application/papermill.record/text/html"]
    assert output.metadata["scrapbook"]["name"] == "01-some"
    image = re.search(r'<img alt="([^"]+)" width="(\d+)" height="(\d+)" src="data:image/svg', text)
    assert len(image[1]) > 40 and int(image[2]) > 300 and int(image[3]) > 300
    assert 'download="some_name.csv"' in text


def test_two_scales_show_a_straight_line():
    """On its lower axes the fitted law is straight, on the upper ones it is convex and falls."""
    top = FIGURES["two scales"]()
    low = top.figure.axes[1].lines[1].get_xydata()
    slopes = np.diff(low[:, 1]) / np.diff(low[:, 0])
    assert np.ptp(slopes) < 1e-6 * abs(slopes.mean())
    high = top.lines[1].get_xydata()
    steps = np.diff(high[:, 1]) / np.diff(high[:, 0])
    assert (steps < 0).all() and (np.diff(steps) > 0).all()
