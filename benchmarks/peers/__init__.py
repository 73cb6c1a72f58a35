"""What Gradwire is compared with: one module each, each a `BenchmarkRunner`.

A peer gets an `engine.benchmark.cases.PreparedCase`, so that all start from the same float32
numbers, see the same minibatches in the same order and make the same updates: forward, backward,
plain gradient descent. A module is imported only in the process that runs it.
"""
