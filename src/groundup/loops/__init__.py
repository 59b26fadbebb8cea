"""Training loops as chapters write them out, in the parts of the book: in NumPy alone, so that nothing is
hidden, and in modules, so that ``runs.remember`` knows what they do.
"""
