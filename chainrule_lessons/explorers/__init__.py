"""The ready-made live figures, one file a lesson's subject.

Nothing else in the package imports this one.
"""
