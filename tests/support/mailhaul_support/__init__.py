"""Private servers, corpora and the comparison that tests, demo and benchmarks stand on.

Python 3.11 with nothing but its standard library, so that whoever has Debian 12 can run it.
"""
