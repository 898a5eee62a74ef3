"""Make `.venv` hold exactly what requirements.txt says. Standard library only."""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"


def main():
    """Create or refresh the environment unless its stamp matches its inputs."""
    if sys.version_info < (3, 11):  # noqa: UP036 (this file must run on what it refuses)
        sys.exit("Python 3.11 or newer is needed, this is %s: try 'make PYTHON=python3.12 book'."
                 % sys.version.split()[0])
    inputs = [ROOT / "requirements.txt", ROOT / "pyproject.toml"]
    parts = [b"%d.%d" % sys.version_info[:2], str(VENV).encode()] + [p.read_bytes() for p in inputs]
    want = hashlib.sha256(b"\0".join(parts)).hexdigest()
    stamp = VENV / "installed.stamp"
    if stamp.is_file() and stamp.read_text() == want:
        return
    stamp.unlink(missing_ok=True)
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    have = python.exists() and subprocess.run(
        [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        capture_output=True, text=True).stdout.strip()
    if have != "%d.%d" % sys.version_info[:2]:
        venv.create(VENV, with_pip=True, clear=True)
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    print("Installing the locked packages into .venv (about a minute) ...", flush=True)
    for arguments in (["-r", "requirements.txt"], ["--no-deps", "--no-build-isolation", "-e", "."]):
        if subprocess.run(pip + arguments, cwd=ROOT).returncode:
            sys.exit("The installation failed: see pip's message above.")
    stamp.write_text(want)


if __name__ == "__main__":
    main()
