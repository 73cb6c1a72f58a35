"""How parameters change: update rules with their memory, the learning rate over time, patience.

Reading order: ``optimizers``, ``lbfgs``, ``updates`` (what all rules share), ``schedules``,
``patience`` (early stopping).
"""
