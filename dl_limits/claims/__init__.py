"""The ledger of claims: put together (`ledger`), for other programs (`schema`), as a map (`argument`).

Imports the studies' ``claims`` and lower rooms; what a claim's rule is stands in its study.
"""
