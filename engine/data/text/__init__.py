"""What text tables write in many ways: characters as bytes, numbers, names.

Reading order: ``characters`` (which encoding a file has), ``first_lines`` (what is around the
table), ``numbers`` (thousands, decimal commas, currencies, percent), ``names`` (of columns).

Imports nothing of Gradwire. Whatever is guessed comes with a sentence that says so.
"""
