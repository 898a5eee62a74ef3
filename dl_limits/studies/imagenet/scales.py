"""One set of networks on two scales, as known at any date: the figure that opens the book."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from dl_limits.dates import CUTOFF, LATEST, date_of
from dl_limits.figures.marks import record_marks
from dl_limits.figures.style import (
    BLUE,
    GREY,
    LIGHT,
    ORANGE,
    STYLE,
    finish,
    new_axes,
    own_settings,
    power_axis,
)
from dl_limits.studies.imagenet.fits import documented_fit, later_fit
from dl_limits.studies.imagenet.points import documented_models

SCALES = ("both", "ordinary", "logarithmic")

_NAMED = {  # on both axes: name, and where it stands: points to the right, points up
    "alexnet_single": ("AlexNet, 2012", 12, -3),
    "resnet_152": ("ResNet-152, 2015", 26, 24),
    "efficientnet_b7": ("EfficientNet-B7, 2019", -3, -32),
    "noisy_student_efficientnet_l2": ("Noisy Student, 2020", 2, 46),
    "coca_fine_tuned": ("CoCa, 2022", -12, -15),
}


@own_settings
def plot_two_scales(models, fit, later, cutoff, scale="both", until=LATEST):
    """Draw the same networks on ordinary and on logarithmic axes, with the lines of before and after a date.

    Parameters
    ----------
    models : DataFrame, indexed by model_id
        ``training_flop``, ``top1_error_pct``, ``published``: all, since they set the axes.
    fit : PowerLawResults
        Fitted to those published up to `cutoff`.
    later : PowerLawResults or None
        Fitted to those published since and up to `until`; without it their line is left out.
    cutoff : Timestamp
        Last day of the evidence of 2020.
    scale : str
        One of `SCALES`.
    until : Timestamp
        What was published after this day is not shown.

    Returns
    -------
    Axes
        The upper one.
    """
    names = [name for name in SCALES[1:] if scale in ("both", name)]
    fig, axes = new_axes(height=5.6, nrows=len(names), squeeze=False)
    axes = dict(zip(names, axes[:, 0], strict=True))
    known, late = models["published"] <= until, (models["published"] > cutoff).to_numpy()
    flop, error = models["training_flop"].to_numpy(float), models["top1_error_pct"].to_numpy(float)
    looks = [(~late, fit, BLUE, "o", "to July 2020"), (late & known.to_numpy(), later, ORANGE, "^", "later")]
    shares = [_share(each) for _, each, *_ in looks if each]
    words = f"{' and '.join(f'{share:.0f} %' for share in shares)} less error a tenfold"
    units = {"ordinary": (lambda v: v / 1e22, lambda v: v), "logarithmic": (np.log10, np.log10)}
    with plt.style.context(STYLE):
        for name, ax in axes.items():
            x, y = units[name]
            for mask, line, colour, mark, label in looks:
                if mask.any():
                    ax.plot(x(flop[mask]), y(error[mask]), mark, color=colour, ms=4, label=label)
                if line:
                    curve = np.logspace(*np.log10([flop[mask].min(), flop[mask].max()]), 300)
                    ax.plot(x(curve), y(np.asarray(line.predict(curve))), color=colour, lw=1.4)
            for model, (title, right, up) in _NAMED.items():
                at = x(flop[models.index == model][0]), y(error[models.index == model][0])
                crowded = name == "ordinary" and model not in ("alexnet_single", "coca_fine_tuned")
                if known[model] and not crowded:
                    look = {"arrowstyle": "-", "color": GREY, "lw": 0.7, "shrinkA": 0}
                    look = {"ha": "left" if right > 10 else "right", "fontsize": 9, "arrowprops": look}
                    ax.annotate(title, at, (right, up), textcoords="offset points", **look)
            said = "{model}: {top1_error_pct:.1f} % error, {training_flop:power} FLOP"
            record_marks(ax, x(flop[known]), y(error[known]), models[known], said)
            ax.set_ylabel("ImageNet error, %")
            ax.grid(color=LIGHT, lw=0.6)
        if top := axes.get("ordinary"):
            widest = flop.max() / 1e22
            top.set(xlabel="training compute, 10²² operations", xlim=(-0.05 * widest, 1.05 * widest))
            top.set(ylim=(0, 1.08 * error.max()), title="On ordinary scales: a wall")
        if bottom := axes.get("logarithmic"):
            bottom.set_title(f"On logarithmic scales: {words}")
            bottom.set_xlabel("training compute, operations")
            ends = np.floor(np.log10(flop.min())), np.ceil(np.log10(flop.max()))
            power_axis(bottom.xaxis, *ends, 1)
            bottom.set(xlim=ends, ylim=np.log10([7, 55]))
            bottom.set_yticks(np.log10([10, 20, 40]), [10, 20, 40])
        axes[names[0]].legend(loc="upper right")
    sentences = {
        "ordinary": "On ordinary scales the error falls steeply and then hardly moves. ",
        "logarithmic": "On logarithmic scales the points follow straight lines. ",
    }
    table = models.loc[known, ["model", "published", "training_flop", "top1_error_pct"]].reset_index(drop=True)
    since = looks[1][0].sum()
    slope = (
        f"{shares[-1]:.0f} % by that of the {since} networks since" if later else f"no line is drawn for {since} since"
    )
    alt = (
        f"ImageNet error of {len(table)} networks against training compute{', twice' * (scale == 'both')}. "
        f"{''.join(sentences[name] for name in names)}Each tenfold takes {shares[0]:.0f} % off the error by the line "
        f"to July 2020, and {slope}; the lowest error is {table['top1_error_pct'].min():.1f} %."
    )
    return finish(axes[names[0]], alt, table)


def states(days):
    """Draw the figure as known on each day, on each of `SCALES`; days with the same networks share their drawings.

    Parameters
    ----------
    days : iterable of str
        As `dates.date_of` takes them, oldest first.

    Yields
    ------
    days : tuple of str
        Those that show this drawing.
    scale : str
    sentence : str
        What was known: networks and lines.
    ax : Axes
    """
    models, fit = documented_models(LATEST), documented_fit()
    groups = {}
    for day in days:
        groups.setdefault(len(documented_models(date_of(day))), []).append(day)
    for alike in groups.values():
        until = date_of(alike[-1])
        later = later_fit(until=until)
        for scale in SCALES:
            ax = plot_two_scales(models, fit, later, CUTOFF, scale, until)
            yield tuple(alike), scale, networks_known(until), ax


def networks_known(until):
    """Return in one sentence how many networks were published up to a day, and what their lines say.

    Parameters
    ----------
    until : Timestamp

    Returns
    -------
    str
    """
    count, after, later = (
        len(documented_models(until)),
        len(documented_models(until, after=CUTOFF)),
        later_fit(until=until),
    )
    words = (
        f"{count} networks. By the line to July 2020 each tenfold takes {_share(documented_fit()):.0f} % off the error"
    )
    if later:
        return f"{words}, by that of the {after} networks since {_share(later):.0f} %."
    return f"{words}; {f'{after} networks since are too few for a line' if after else 'later ones are not out yet'}."


def _share(fit):
    """Return what ten times the compute takes off the error, in percent."""
    return 100 * (1 - 10.0 ** -fit.params["exponent"])
