"""Write down which of the project's files a chapter reads: Python runs this at the start of each of its processes.

An audit hook sees every file that Python opens, whoever opens it. Modules come from their compiled
copies, so those are counted as their sources. The data package describes all tables in one file:
`dl_limits.data` announces which of its entries it takes, so that a changed table is a changed entry.
"""

import os
import sys


def _start(root, path):
    prefix, seen = root + os.sep, set()
    # One line a write, appended: processes of one chapter share the file.
    notes = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)

    def note(name):
        if name not in seen:
            seen.add(name)
            os.write(notes, name.encode("utf-8", "surrogateescape") + b"\n")

    def hook(event, arguments):
        if event == "open" and isinstance(arguments[0], str | bytes):
            file = os.path.abspath(os.fsdecode(arguments[0]))
            if file.startswith(prefix):
                note("/".join(file.removeprefix(prefix).split(os.sep)))
        elif event == "dl_limits.data.entry":
            note("#" + arguments[0])

    sys.addaudithook(hook)


if "BOOK_READS" in os.environ:
    _start(os.environ["BOOK_ROOT"], os.environ["BOOK_READS"])
