"""One room a chapter: its analysis, its claims (``claims``), what it quotes (``numbers``), its figures.

A study may import another, without circle, and every lower room: see ``tests/test_layers.py``.
"""
