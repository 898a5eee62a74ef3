"""One room a chapter: its analysis, its claims (``claims``) and its figures (``figures``).

A study may import another, without circle, and every lower room: see ``tests/test_layers.py``.
"""
