"""The published workflows: nothing that can change under us, and nothing that both runs packages and can write."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))
READS = {"contents": "read"}
# All that a job with a right to write may do: hand on what another job made.
HANDS_ON = {"actions/download-artifact", "actions/deploy-pages"}
COMMANDS = {"sha256sum", "gh"}


def jobs():
    """Return workflow, name and content of each job."""
    found = [(path, yaml.safe_load(path.read_text("utf-8"))) for path in WORKFLOWS]
    return [
        pytest.param(flow, job, id=f"{path.stem}-{name}") for path, flow in found for name, job in flow["jobs"].items()
    ]


def action(step):
    return step.get("uses", "").partition("@")[0]


def test_actions_are_pinned_by_commit_and_say_their_version():
    lines = [line for path in WORKFLOWS for line in path.read_text("utf-8").splitlines() if "uses:" in line]
    pins = [re.fullmatch(r" +(?:- )?uses: ([\w/-]+)@([0-9a-f]{40})  # (v\d+\.\d+\.\d+)", line) for line in lines]
    assert all(pins), [line for line, pin in zip(lines, pins, strict=True) if not pin]
    versions = {pin.groups() for pin in pins}
    assert len(versions) == len({name for name, *_ in versions})  # one version of each action


@pytest.mark.parametrize(("flow", "job"), jobs())
def test_jobs_have_only_the_rights_they_need(flow, job):
    assert flow["permissions"] == READS
    assert all(
        step["with"]["persist-credentials"] is False for step in job["steps"] if action(step) == "actions/checkout"
    )
    if job.get("permissions", READS) != READS:
        assert {action(step) for step in job["steps"] if "uses" in step} <= HANDS_ON
        commands = [line.split()[0] for step in job["steps"] for line in step.get("run", "").splitlines()]
        assert set(commands) <= COMMANDS


@pytest.mark.parametrize(("flow", "job"), jobs())
def test_names_that_others_choose_never_become_commands(flow, job):
    assert not [step["run"] for step in job["steps"] if "${{" in step.get("run", "")]


def test_every_supported_python_and_system_is_tried():
    tried = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))["jobs"]
    pythons = tried["test"]["strategy"]["matrix"]["python"]
    first, last = re.search(r"Python 3\.(\d+) to 3\.(\d+)", (ROOT / "README.md").read_text("utf-8")).groups()
    assert pythons == [f"3.{minor}" for minor in range(int(first), int(last) + 1)]
    elsewhere = tried["systems"]["strategy"]["matrix"]
    assert elsewhere["python"] == [pythons[0], pythons[-1]]
    assert {system.split("-")[0] for system in elsewhere["system"]} == {"macos", "windows", "ubuntu"}
