"""What a program prints is UTF-8 wherever it goes: a Windows pipe or a bare locale would choose an 8-bit code."""

import sys


def print_utf8():
    """Let this process print UTF-8; characters that a name or path of this system hides are shown escaped."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
