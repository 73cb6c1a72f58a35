"""What a training step costs: multiplications, memory, and what low precision loses.

Reading order: ``path_counts`` (paths and edge visits), ``accumulation`` (multiplications),
``step_memory`` (numbers that are kept), ``half_precision`` (δ and gradients as float16).
"""
