"""No verdict hangs on rows alone that were read in a text that quotes their source."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from dl_limits import claims, data
from dl_limits.dates import DATES

ROOT = Path(__file__).parents[2]
JUDGED = [claim for claim in claims.CLAIMS if claim != "pretraining-limits"]  # not testable as worded, which has a test
# A process of its own: results are kept for as long as one runs, whatever the tables then show.
CODE = f"""
import json
from dl_limits import claims, data
with data.first_hand():
    found = {{c: {{e: claims.verdict(c, e).verdict for e in {list(DATES)}}} for c in {JUDGED}}}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def without():
    run = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, cwd=ROOT, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize("evidence", DATES)
@pytest.mark.parametrize("claim", JUDGED)
def test_the_word_is_the_same_without_second_hand(claim, evidence, without):
    assert without[claim][evidence] == claims.verdict(claim, evidence).verdict


def test_rows_tell_where_they_were_read():
    table = pd.DataFrame(
        {
            "read_in": ["paper", "secondary", "secondary_quotation", "repository", "paper"],
            "locator": ["Table 2", "Table 2", "Table 2", "Table 4; read in a secondary transcription", "page 11"],
            "basis": ["published", "published", "published", "published", "second_hand"],
        }
    )
    assert data.second_hand(table).tolist() == [False, True, True, True, True]
    assert not data.second_hand(pd.DataFrame({"value": [1, 2]})).any()


def test_second_hand_is_left_out_while_asked_for_and_no_longer():
    whole = data.load("token_counts")
    with data.first_hand():
        part = data.load("token_counts")
    assert 0 < len(part) < len(whole) and not data.second_hand(part).any()
    assert len(data.load("token_counts")) == len(whole)
