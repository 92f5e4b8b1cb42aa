"""A month of a company that never was: who works there, what its customers want, and how each story goes.

Everything follows from a seed. The stories know nothing but HTTP; the clock is the demo's own, so a month passes in
about a minute, and each deadline rings at its moment.
"""
