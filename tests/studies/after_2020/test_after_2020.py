"""Chapter 10: forecasts see nothing later, scores are what their formulas say, the rule is the rule."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from scipy import stats

from dl_limits import data, figures
from dl_limits.data import rules
from dl_limits.dates import CUTOFF, year_of
from dl_limits.inference import scoring
from dl_limits.studies.after_2020 import bought, checks, hindcasts, text
from dl_limits.studies.after_2020 import figures as after_2020_figures
from dl_limits.studies.gpt import compute
from dl_limits.studies.tasks import claims

COMPUTE = ("training_flop", "peak_burden_flop", "counted_training_flop")  # these choose the outcomes
SCORED = scoring.assess(hindcasts.forecasts())


# ------------------------------------------------------------------ the dated view


@pytest.mark.parametrize("name", data.tables())
def test_a_dated_view_holds_nothing_later(name):
    whole = data.load(name)
    if not {"published", "source"} & set(whole):  # measured by this book, never published before it
        with data.known_by(CUTOFF), pytest.raises(data.DataError, match="cannot be dated"):
            data.load(name)
        return
    with data.known_by(CUTOFF):
        seen = data.load(name)
    dates = data.published(name, whole)
    assert len(seen) == (dates <= CUTOFF).sum()
    assert not (data.published(name, seen) > CUTOFF).any()
    assert len(data.load(name)) == len(whole)  # and the view ends with the block


def test_views_nest_and_end_even_after_an_error():
    early = pd.Timestamp("2015-01-01")
    with data.known_by(CUTOFF):
        later = len(data.load("imagenet_models"))
        with pytest.raises(RuntimeError), data.known_by(early):
            assert len(data.load("imagenet_models")) < later
            raise RuntimeError
        assert len(data.load("imagenet_models")) == later


def test_sources_are_dated_by_their_arxiv_month_or_the_end_of_their_year():
    dates = data.source_dates()
    assert dates["brown_2020_gpt3"] == pd.Timestamp("2020-05-01")
    assert dates["kaplan_2020"] == pd.Timestamp("2020-01-01")
    assert dates["tcldl_client_2020"] == pd.Timestamp("2020-12-31")  # no month known: not known by July


def test_rows_that_cannot_be_dated_are_refused():
    with pytest.raises(data.DataError, match=r"x\.csv: no column published or source"):
        data.published("x", pd.DataFrame({"a": [1]}))


def changed(seed):
    """Return `rules.typed` with every figure of every later row changed, compute and sizes apart."""
    typed, rng = rules.typed, np.random.default_rng(seed)

    def scrambled(rows, fields):
        table = typed(rows, fields)
        later = ~(data.published("any", table) <= CUTOFF)
        for column in table.select_dtypes("float64").columns.difference(COMPUTE):
            table.loc[later, column] *= rng.uniform(0.5, 0.95)
        return table

    return scrambled


def test_no_forecast_uses_a_later_datum(monkeypatch):
    """Change everything published after the cut-off: outcomes move, forecasts do not."""

    def made():
        rows = hindcasts.imagenet_by_compute() + hindcasts.record_series("Speech records", ["Switchboard"])
        rows += hindcasts.gpt3_tasks() + hindcasts.resources()
        return hindcasts.tabulated(rows)

    before = made()
    monkeypatch.setattr(data, "_validated", {})
    monkeypatch.setattr(rules, "typed", changed(1))
    after = made()
    assert len(before) == len(after)
    for column in ("belief", "rivals"):
        assert before[column].tolist() == after[column].tolist()
    assert not np.isclose(before["y"], after["y"]).all()


def test_no_outcome_is_older_than_the_cutoff_unless_it_is_a_record_that_stood():
    law = ~SCORED["group"].str.contains("records|run")
    assert (SCORED.loc[law, "published"] > CUTOFF).all()
    assert (SCORED["tenfolds"].dropna() > 0).all()  # beyond every point learnt from
    assert not SCORED.duplicated(["group", "target", "published", "years"]).any()


# ------------------------------------------------------------------ the rule


def test_the_first_of_each_year_counts_and_of_one_month_the_largest():
    months = ["2020-08", "2020-09", "2021-07", "2021-08", "2021-08", "2023-01"]
    table = pd.DataFrame({"published": pd.to_datetime(months), "training_flop": [5.0, 9.0, 9.0, 1.0, 2.0, 1.0]})
    chosen = hindcasts.first_each_year(table)
    assert chosen["published"].dt.strftime("%Y-%m").tolist() == ["2020-08", "2021-08", "2023-01"]
    assert chosen["training_flop"].tolist() == [5, 2, 1]
    assert chosen["year"].tolist() == [0, 1, 2]


def test_every_year_with_an_eligible_result_has_its_forecast():
    later = hindcasts.later_scores().query("protocol == 'palm_one_shot' and training_flop > 3.15e23")
    expected = later.assign(year=year_of(later["published"])).groupby("task")["year"].nunique()
    made = SCORED[SCORED["group"] == "GPT-3 tasks, one-shot"].groupby("target").size()
    assert made.to_dict() == expected.to_dict()


def test_groups_are_those_of_the_chapter():
    assert list(dict.fromkeys(SCORED["group"])) == list(hindcasts.GROUPS)


# ------------------------------------------------------------------ forecasts and scores


def test_line_is_the_textbook_prediction():
    x, y, new = np.array([0.0, 1, 2, 4]), np.array([1.0, 0.4, 0.1, -1.2]), 7.0
    found = scoring.line(x, y, new)
    fit = stats.linregress(x, y)
    variance = ((y - fit.intercept - fit.slope * x) ** 2).sum() / 2
    se = np.sqrt(variance * (1 + 1 / 4 + (new - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum()))
    assert (found.centre, found.scale, found.df) == pytest.approx((fit.intercept + 7 * fit.slope, se, 2))


@pytest.mark.parametrize("drift", [False, True])
def test_random_walks_cover_as_they_say(drift):
    """Brownian motion at uneven dates, with the drift that the method assumes."""
    rng, x, new = np.random.default_rng(3), np.array([0.0, 0.2, 1.0, 1.5, 3.0, 3.1]), 5.0
    hits = []
    for _ in range(2000):
        steps = np.diff(np.append(x, new))
        path = np.cumsum(np.append(0, 0.7 * drift * steps + rng.normal(0, np.sqrt(steps))))
        low, high = scoring.walk(x, path[:-1], new, drift=drift).interval()
        hits.append(low <= path[-1] <= high)
    assert np.mean(hits) == pytest.approx(0.95, abs=0.015)


def test_no_change_stays_and_the_trend_goes_on():
    x, y = [0, 1, 2, 4], [0.0, 1.0, 3.0, 8.0]
    assert scoring.walk(x, y, 6).centre == 8
    assert scoring.walk(x, y, 6, drift=True).centre == 12


@pytest.mark.parametrize(
    ("x", "y", "new"), [([0, 1], [1, 2], 3), ([0, 2, 1], [1, 2, 3], 4), ([0, 1, 2], [1, 2, 3], 2), ([0, 1, 2], [1], 4)]
)
def test_bad_histories_are_refused(x, y, new):
    with pytest.raises(ValueError, match="x "):
        scoring.walk(x, y, new)


def test_scores_follow_their_formulas():
    belief = scoring.Belief(1.0, 2.0, np.inf)
    log, width = belief.scores(1.0)
    half = 2 * stats.norm.isf(0.025)
    assert (log, width) == pytest.approx((-np.log(2 * np.sqrt(2 * np.pi)), 2 * half))
    assert belief.scores(1 + half + 1)[1] == pytest.approx(2 * half + 40)  # a miss of 1 costs 2 / 0.05
    assert scoring.Belief(0, 1, 4).scores(0.3)[0] == pytest.approx(stats.t(4).logpdf(0.3))


def table_of(signs, sources):
    one = scoring.Belief(0.0, 1 / stats.norm.isf(0.025), np.inf)  # half width 1
    rows = [
        {"y": float(s), "better": -1, "belief": one, "rivals": {}, "source": k}
        for s, k in zip(signs, sources, strict=True)
    ]
    return scoring.assess(pd.DataFrame(rows).assign(group="g"))


def test_less_is_better_where_the_table_says_so():
    scored = table_of([-2, 0, 2], "abc")
    assert scored["signed"].tolist() == pytest.approx([2, 0, -2])
    assert scored["inside"].tolist() == [False, True, False]
    assert scored["rank"].tolist() == pytest.approx([stats.norm.cdf(2 * 1.959964), 0.5, stats.norm.sf(2 * 1.959964)])


def test_each_source_counts_once():
    scored = table_of([0, 0, 0, 0, 2, 2], "aaaabc")
    row = scoring.summary(scored).iloc[0]
    assert (row["forecasts"], row["sources"]) == (6, 3)
    assert row["inside"] == pytest.approx(1 / 3) and row["worse"] == pytest.approx(2 / 6)
    assert row["inside_low"] == 0 and row["inside_high"] == 1


def test_true_forecasts_are_calibrated():
    rng = np.random.default_rng(0)
    scored = table_of(rng.normal(0, 1 / stats.norm.isf(0.025), 1500), range(1500))
    found = scoring.coverage(scored)
    assert found["inside"].to_numpy() == pytest.approx(found["level"].to_numpy(), abs=0.03)
    assert (found["low"] < found["level"]).all() and (found["level"] < found["high"]).all()


def test_few_sources_have_no_interval():
    assert np.isnan(scoring.source_mean([0.2, 0.4])[1:]).all()
    assert scoring.source_mean([0.2, 0.4])[0] == pytest.approx(0.3)


def test_a_handful_of_sources_gets_students_interval_and_more_are_drawn_again():
    values = np.random.default_rng(3).normal(size=40)
    for few in (values[:3], values[:9]):
        expected = stats.ttest_1samp(few, 0).confidence_interval(0.95)
        assert scoring.source_mean(few)[1:] == pytest.approx(tuple(expected))
    drawn = stats.bootstrap((values,), np.mean, n_resamples=20_000, method="percentile", rng=1).confidence_interval
    assert scoring.source_mean(values)[1:] == pytest.approx(tuple(drawn), abs=0.03)


# ------------------------------------------------------------------ families, tenfolds, text


def test_slopes_within_families_are_least_squares():
    row = bought.family_slopes().query("family == 'Pythia' and task == 'PIQA' and shots == 0").iloc[0]
    part = data.load("language_benchmarks").query("family == 'Pythia' and task == 'PIQA' and shots == 0")
    slope = np.polyfit(np.log10(part["training_flop"]), np.log(100 - part["score_pct"]), 1)[0]
    assert row["closed"] == pytest.approx(1 - np.exp(slope)) and row["sizes"] == len(part) == 8


def test_one_protocol_one_row_of_a_family():
    table = data.load("language_benchmarks").fillna({"variant": ""})
    assert not table.duplicated(["model", "protocol", "shots", "task", "variant"]).any()
    assert bought.family_slopes()["sizes"].min() >= 3


def test_what_palm_bought():
    """PaLM 540B, one-shot: 83.6 on HellaSwag, where GPT-3 printed 78.1; 780 against 300 billion tokens."""
    row = bought.bought().query("model == 'PaLM 540B' and setting == 'one' and task == 'HellaSwag'").iloc[0]
    assert (row["gpt3_pct"], row["score_pct"]) == (78.1, 83.6)
    assert row["closed"] == pytest.approx(5.5 / 21.9) and row["times_tokens"] == pytest.approx(2.6)


def test_medians_have_exact_ends_or_none():
    table = bought.bought_table().set_index(["model", "setting"])
    closed = bought.bought().query("model == 'PaLM 540B' and setting == 'one'")["closed"].sort_values().to_numpy()
    row = table.loc[("PaLM 540B", "one")]
    assert (row["low"], row["high"]) == (closed[2], closed[9])  # the 3rd and 10th of 12: 96 %
    assert np.isinf(table.loc[("Falcon-180B", "one"), ["low", "high"]].astype(float)).all()  # four tasks


def test_training_sets_meet_the_stock_where_the_line_does():
    found = text.text_crossing()
    line = compute.fit(compute.frontier(text.training_sets(), 1, "training_tokens"), "training_tokens")
    for end, key in (("value", "year"), ("low", "year_low"), ("high", "year_high")):
        assert 10 ** line.predict([found[key]])[0] == pytest.approx(text.stocks().loc["effective_2024", end])


def test_every_miss_has_its_reading_and_self_play_decides():
    broken = checks.breaks(SCORED)
    assert broken["missed"].sum() == (~SCORED["inside"]).sum()
    assert broken["differs"].str.len().min() > 5
    runs = SCORED[SCORED["group"] == checks.RUNS]
    other = checks.sensitivity().set_index("choice").loc["self-play not counted"]
    assert not runs["inside"].any() and other["inside"] == 1 and other["forecasts"] == len(runs)


def test_inputs_written_down_later_are_marked():
    table = checks.inputs().set_index("group")
    assert (table["later"] <= table["rows"]).all()
    assert table.loc[["GPT-3 tasks", "Adversarial NLI", "Language-model loss"], "later"].sum() == 0
    assert table.loc["Largest training run", "later"] == table.loc["Largest training run", "rows"]


def test_figures_say_what_they_show():
    ax = after_2020_figures.plot_hindcasts(SCORED, 0.682)
    assert f"{SCORED['inside'].sum()} inside their 95 % interval" in figures.alt_text(ax)
    assert ax.figure.get_suptitle() == "68 % of the “95 %” ranges held"
    medians = bought.bought_table()
    others = [
        after_2020_figures.plot_bought(bought.bought(), medians, claims.MODEST),
        after_2020_figures.plot_families(bought.family_table()),
        after_2020_figures.plot_text(text.training_sets(), text.stocks(), text.text_crossing()),
    ]
    assert "if trends held" in {t.get_text() for t in others[2].texts}  # trend arithmetic says so in the figure itself
    for each in [ax, *others]:
        assert len(figures.table_behind(each))
        plt.close(each.figure)
