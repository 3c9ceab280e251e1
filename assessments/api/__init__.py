"""The read-only API: what programs may read, with a token of the person they read for."""
