"""Make `.venv` hold exactly what requirements.txt says. Standard library only."""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
# Kernels here listen on this machine only; the line that each of them logs about it hides real messages.
KERNEL_CONFIG = 'c = get_config()\nc.IPKernelApp.log_level = "ERROR"\n'


def main():
    """Create or refresh the environment unless its stamp matches its inputs."""
    if sys.version_info < (3, 11):  # noqa: UP036 (this file must run on what it refuses)
        sys.exit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: try make PYTHON=python3.12 book")
    version = "{}.{}".format(*sys.version_info)
    inputs = [ROOT / "requirements.txt", ROOT / "pyproject.toml"]
    parts = [version, str(VENV), KERNEL_CONFIG, *(path.read_text("utf-8") for path in inputs)]
    want = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    stamp = VENV / "installed.stamp"
    if stamp.is_file() and stamp.read_text() == want:
        return
    stamp.unlink(missing_ok=True)
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ask = [python, "-c", "import sys; print('{}.{}'.format(*sys.version_info))"]
    if not python.exists() or subprocess.run(ask, capture_output=True, text=True).stdout.strip() != version:
        venv.create(VENV, with_pip=True, clear=True)
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    print("Installing the locked packages into .venv (about a minute) ...", flush=True)
    for arguments in (["-r", "requirements.txt"], ["--no-deps", "--no-build-isolation", "-e", "."]):
        if subprocess.run(pip + arguments, cwd=ROOT).returncode:
            sys.exit("The installation failed: see pip's message above.")
    settings = VENV / "etc" / "ipython"
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "ipython_kernel_config.py").write_text(KERNEL_CONFIG)
    stamp.write_text(want)


if __name__ == "__main__":
    main()
