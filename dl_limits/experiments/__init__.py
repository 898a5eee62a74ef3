"""Networks that the reader's machine trains. Imports `laws`, `inference` and lower rooms only.

On the command line: ``python -m dl_limits.experiments run`` or ``environment``.
"""
