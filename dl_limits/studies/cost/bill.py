"""What a training run costs: a calculator in plain Python, units in every name."""

from __future__ import annotations

from dataclasses import dataclass

SECONDS_PER_HOUR = 3600


@dataclass(frozen=True)
class Bill:
    """The bill of one training run.

    Attributes
    ----------
    chip_hours : float
        Hours of all chips together.
    cost_usd : float
        Chip hours times their price.
    energy_mwh : float
        Electricity, the data centre's overhead included.
    emissions_t : float
        Tonnes of CO2 equivalent.
    """

    chip_hours: float
    cost_usd: float
    energy_mwh: float
    emissions_t: float


def training_bill(
    training_flop,
    *,
    peak_flop_per_s,
    utilisation,
    usd_per_chip_hour,
    chip_power_w,
    power_usage_effectiveness=1.1,
    co2_g_per_kwh=385.0,
):
    """Return the bill of a run of given size on given hardware.

    Parameters
    ----------
    training_flop : float
        Operations that the run needs.
    peak_flop_per_s : float
        Peak rate of one chip.
    utilisation : float
        Share of the peak rate that is used, above 0 and up to 1.
    usd_per_chip_hour : float
        Price of a chip for an hour, rented or written off.
    chip_power_w : float
        Electrical power of one chip with its share of the server.
    power_usage_effectiveness : float
        Power of the data centre over that of its computers, at least 1.
    co2_g_per_kwh : float
        Emissions of the electricity. The defaults of the last two are those of
        Touvron et al. (2023), table 15.

    Returns
    -------
    Bill

    Raises
    ------
    ValueError
        For a number that is not positive, a utilisation above 1, or an effectiveness below 1.
    """
    given = {
        "training_flop": training_flop,
        "peak_flop_per_s": peak_flop_per_s,
        "utilisation": utilisation,
        "usd_per_chip_hour": usd_per_chip_hour,
        "chip_power_w": chip_power_w,
        "power_usage_effectiveness": power_usage_effectiveness,
        "co2_g_per_kwh": co2_g_per_kwh,
    }
    for name, value in given.items():
        if not 0 < value < float("inf"):
            raise ValueError(f"{name} must be positive and finite, not {value!r}")
    if utilisation > 1:
        raise ValueError(f"utilisation is a share of the peak rate, at most 1, not {utilisation!r}")
    if power_usage_effectiveness < 1:
        raise ValueError(f"power_usage_effectiveness is at least 1, not {power_usage_effectiveness!r}")
    chip_hours = training_flop / (peak_flop_per_s * utilisation) / SECONDS_PER_HOUR
    return hours_bill(
        chip_hours,
        usd_per_chip_hour=usd_per_chip_hour,
        chip_power_w=chip_power_w,
        power_usage_effectiveness=power_usage_effectiveness,
        co2_g_per_kwh=co2_g_per_kwh,
    )


def hours_bill(chip_hours, *, usd_per_chip_hour, chip_power_w, power_usage_effectiveness=1.1, co2_g_per_kwh=385.0):
    """Return the bill of a run whose chip hours are known; the arguments of `training_bill`."""
    energy_mwh = chip_hours * chip_power_w * power_usage_effectiveness / 1e6
    # one g/kWh is one kg/MWh
    return Bill(chip_hours, chip_hours * usd_per_chip_hour, energy_mwh, energy_mwh * co2_g_per_kwh / 1000)
