"""Forecasts that can still fail: what is expected, how it is judged, and how forecasts made so would have done."""
