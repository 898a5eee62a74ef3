"""Test, compare, score. Imports `dl_limits.laws` and nothing of this book: no data, no article, no verdict.

>>> from dl_limits.inference import ChanceTest
>>> test = ChanceTest([41.5], [1000], 1 / 3).fit()
>>> bool(test.p_above()[0] < 0.001)  # 41.5 % right of 1,000 questions is no guessing between three answers
True
"""

from dl_limits.inference.breaks import BreakModel
from dl_limits.inference.chance import ChanceTest, difference, power
from dl_limits.inference.chance_trend import ChanceTrend
from dl_limits.inference.record_process import RecordProcess
from dl_limits.inference.specification import SpecificationCurve

__all__ = ["BreakModel", "ChanceTest", "ChanceTrend", "RecordProcess", "SpecificationCurve", "difference", "power"]
