"""Make `.venv` hold exactly what the locks say: the book's packages and, with `--tests`, what the tests need.

Standard library only. Whatever the surroundings say to Python or pip about other places is set aside; what
they say about where packages come from (an index, a proxy, a cache) is kept.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # with -I, as make starts this, Python does not do so itself

from tools.lock import hold  # noqa: E402

# Each layer of an environment: its lock, what pip is told, and how it is spoken of.
BOOK = ("requirements.txt", [[], ["--no-deps", "--no-build-isolation", "-e", "."]], "the packages (about a minute)")
TESTS = ("requirements-test.txt", [[]], "what only the tests need")
NEXT = ("requirements-next.txt", [["--no-deps"]], "the packages of the next Sphinx (about a minute)")
# Kernels here listen on this machine only; the line that each of them logs about it hides real messages.
KERNEL_CONFIG = 'c = get_config()\nc.IPKernelApp.log_level = "ERROR"\n'
# Settings of pip that lead away from the environment or forbid what is needed here. They may come from
# variables, which these replace, or from pip.conf, whose switches variables override and other values options do.
PIP_VARIABLES = dict.fromkeys(("PIP_USER", "PIP_REQUIRE_VIRTUALENV", "PIP_REQUIRE_HASHES", "PIP_DRY_RUN"), "0")
PIP_OPTIONS = ["--target=", "--no-binary=:none:", "--only-binary=:none:"]  # and --prefix


class EnvironmentFault(Exception):
    """The environment cannot be made; says why in one sentence."""


def variables():
    """Return the variables for Python and pip: the user's own, less those that change what they do."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("PYTHON")}
    kept.pop("PIP_PYTHON", None)
    return kept | PIP_VARIABLES


def python(venv):
    """Return the path of an environment's interpreter."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def wanted(root, venv, layers):
    """Return for each layer a hash of all that it and those below it are made from."""
    digest, hashes = hashlib.sha256(), []
    given = ["{}.{}".format(*sys.version_info), str(venv), KERNEL_CONFIG, _metadata(root)]
    digest.update("\0".join(given).encode("utf-8", "surrogateescape"))
    for lock, arguments, _ in layers:
        digest.update(repr(arguments).encode() + (root / lock).read_bytes())
        hashes.append(digest.hexdigest())
    return hashes


def _metadata(root):
    """Return what of pyproject.toml an installation depends on: not the settings of other tools."""
    import tomllib  # not at the top: this file must run on a Python that it refuses

    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    project["tool"] = project.get("tool", {}).get("setuptools")
    return repr(project)


def ensure(root, venv, layers):
    """Bring an environment up to date, layer by layer; one process at a time does so.

    Parameters
    ----------
    root, venv : Path
        Project and environment.
    layers : list of tuple
        `BOOK` and the like. If the first is not as wanted, the environment is made afresh: a package that
        left the lock leaves the environment, and half an installation is never built upon.

    Raises
    ------
    EnvironmentFault
        If that is not possible here.
    """
    stamps = [venv / f"{Path(lock).stem}.stamp" for lock, *_ in layers]

    hashes = wanted(root, venv, layers)

    def missing():
        if not python(venv).exists():  # never made, or its Python was removed
            return list(range(len(layers)))
        return [i for i, stamp in enumerate(stamps) if not stamp.is_file() or stamp.read_text() != hashes[i]]

    if not missing():
        return
    if os.pathsep in str(venv):
        raise EnvironmentFault(f"Python environments cannot lie in a folder whose name has a “{os.pathsep}”: {root}")
    if not all(map(importlib.util.find_spec, ("venv", "ensurepip"))):
        version = "{}.{}".format(*sys.version_info)
        raise EnvironmentFault(f"This Python lacks venv or pip: on Debian and Ubuntu install python{version}-venv")
    (root / "_build").mkdir(exist_ok=True)
    with hold(root / "_build" / "env.lock", "is installing the packages"):
        for i in missing():  # another process may have made it meanwhile
            lock, steps, spoken = layers[i]
            stamps[i].unlink(missing_ok=True)
            if i == 0:
                _create(venv)
            print(f"Installing {spoken} into {venv.name} ...", flush=True)
            for arguments in steps:
                _pip(root, venv, arguments if "-e" in arguments else [*arguments, "-r", lock])
            stamps[i].write_text(hashes[i])


def _create(venv):
    command = [sys.executable, "-I", "-m", "venv", "--clear", str(venv)]
    if subprocess.run(command, env=variables()).returncode:
        raise EnvironmentFault(f"{venv.name} was not made: see the message above")
    settings = venv / "etc" / "ipython"
    settings.mkdir(parents=True)
    (settings / "ipython_kernel_config.py").write_text(KERNEL_CONFIG)


def _pip(root, venv, arguments):
    pip = [str(python(venv)), "-I", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    if subprocess.run([*pip, f"--prefix={venv}", *PIP_OPTIONS, *arguments], cwd=root, env=variables()).returncode:
        message = "the packages were not installed: see pip's message above"
        if TESTS[0] in arguments:
            message = "the tests' packages were not installed: see pip's message above. The book does not need them"
        raise EnvironmentFault(message)


def main(arguments, root=ROOT):
    """Make the environment of the book, and of its tests if asked to; return the exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036 (this file must run on what it refuses)
        sys.exit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: try make PYTHON=python3.12 book")
    if unknown := set(arguments) - {"--tests"}:
        sys.exit(f"Unknown: {' '.join(sorted(unknown))}. The one option is --tests.")
    try:
        ensure(root, root / ".venv", [BOOK, TESTS] if "--tests" in arguments else [BOOK])
    except EnvironmentFault as fault:
        sys.exit(f"{fault}.")
    except OSError as error:
        sys.exit(f"The environment was not made: {error.strerror or error}: {error.filename or root}.")


if __name__ == "__main__":
    main(sys.argv[1:])
