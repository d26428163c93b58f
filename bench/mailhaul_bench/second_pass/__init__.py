"""What bench/second_pass is made of."""
