"""What bench/copy is made of: Python 3.11, its standard library, the fixtures of tests/support."""
