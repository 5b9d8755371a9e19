"""`make bench`: what things cost, in CPU-milliseconds of the server and as ratios to a floor of the same run."""
