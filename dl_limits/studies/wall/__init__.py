"""Is it hitting a wall now? The largest runs, their bills, and what models can do, to the newest date of the tables."""
