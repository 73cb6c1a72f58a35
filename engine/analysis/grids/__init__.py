"""What a network computes over a grid of numbers that it does not have now.

Reading order: ``activation_curve`` (z over s), ``loss_slice`` (E over one parameter or two),
``regions`` (a node over two inputs).
"""
