"""The published workflows: pinned, nearly without rights, and on every Python and system that the README names."""

import re
from pathlib import Path

import pytest
import yaml

from tools import versions

WORKFLOWS = sorted((Path(__file__).parents[2] / ".github" / "workflows").glob("*.yml"))
JOBS = [
    pytest.param(workflow, job, id=f"{path.stem}-{name}")
    for path in WORKFLOWS
    for workflow in [yaml.safe_load(path.read_text("utf-8"))]
    for name, job in workflow["jobs"].items()
]
HARMLESS = {"actions/download-artifact", "actions/deploy-pages"}  # they run nothing of the repository


def job(name, file="ci"):
    return yaml.safe_load(next(p for p in WORKFLOWS if p.stem == file).read_text("utf-8"))["jobs"][name]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_commit_with_their_version(path):
    lines = [line for line in path.read_text("utf-8").splitlines() if "uses:" in line]
    assert lines
    for line in lines:
        assert re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_one_action_has_one_version():
    pins = {tuple(pin) for path in WORKFLOWS for pin in re.findall(r"uses: (\S+)@(\S+ # \S+)", path.read_text("utf-8"))}
    assert len(pins) == len({action for action, _ in pins})


@pytest.mark.parametrize(("workflow", "job"), JOBS)
def test_no_job_both_runs_packages_and_may_write(workflow, job):
    assert workflow["permissions"] == {"contents": "read"}  # of every job that does not say otherwise
    for step in job["steps"]:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
    if "write" in job.get("permissions", {}).values():
        assert {step["uses"].split("@")[0] for step in job["steps"] if "uses" in step} <= HARMLESS
        commands = [line.split()[0] for step in job["steps"] for line in step.get("run", "").splitlines()]
        assert set(commands) <= {"gh", "sha256sum"}


def test_every_supported_python_and_system_is_tried():
    assert job("test")["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    systems = {(entry["system"], entry["python"]) for entry in job("systems")["strategy"]["matrix"]["include"]}
    both = {(system, python) for system in ("macos-latest", "windows-latest") for python in ("3.11", "3.14")}
    assert systems == both | {("ubuntu-24.04-arm", "3.11")}


def test_every_lock_is_audited():
    command = job("audit")["steps"][-1]["run"]
    assert "for lock in requirements*.txt" in command and "pip-audit==" in command and "--require-hashes" in command


def test_what_is_published_holds_the_earlier_releases():
    steps = job("build", "publish")["steps"]
    runs = [step.get("run", "") for step in steps]
    place = next(i for i, run in enumerate(runs) if run.endswith("tools.versions older"))
    fetched = next(i for i, run in enumerate(runs) if "gh release download" in run)
    archived = next(i for i, run in enumerate(runs) if "sha256sum" in run)
    published = next(i for i, step in enumerate(steps) if "upload-pages-artifact" in step.get("uses", ""))
    assert archived < fetched < place < published and steps[published]["with"]["path"] == "_build/site"
    # The names that one release gives are those that the next looks for.
    name = re.search(r'name="(.+?)"', runs[archived])[1].replace("${GITHUB_REF_NAME}", "v1.2.3")
    assert versions.ARCHIVE.fullmatch(name) and f"{name}.sha256".startswith(name)
    # The archive is of the site as built: notes are added to copies.
    assert "-C ../_build -cf - html" in runs[archived]
