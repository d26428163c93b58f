"""What bench/copy is made of. Python 3.11 with its standard library, and the fixtures of tests/support."""
