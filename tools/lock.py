"""One at a time: a lock on a file, released by the system however its holder ends. Standard library only."""

import contextlib
import os
import sys
import time

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt


def _try(file):
    """Lock an open file if nobody else has; return whether it worked."""
    try:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            os.lseek(file, 1000, os.SEEK_SET)  # beyond the holder's words, which others must be able to read
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        return True
    except (BlockingIOError, PermissionError):
        return False


@contextlib.contextmanager
def hold(path, doing):
    """Hold a lock while the body runs; wait, and say so, while another process has it.

    Parameters
    ----------
    path : Path
        Lock file; it stays.
    doing : str
        What the others are told: ``'is building this book'``.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if not _try(file):
            holder = os.pread(file, 200, 0).decode() if fcntl else "another process"
            print(f"Waiting: {holder or 'another process'} {doing}.", flush=True, file=sys.stderr)
            while not _try(file):
                time.sleep(0.2)
        os.ftruncate(file, 0)
        os.lseek(file, 0, os.SEEK_SET)
        os.write(file, f"process {os.getpid()}".encode())
        yield
    finally:
        os.close(file)
