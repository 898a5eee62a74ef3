"""``python -m dl_limits`` is the command line of `dl_limits.cli`."""

from dl_limits.cli import console

if __name__ == "__main__":
    console()
