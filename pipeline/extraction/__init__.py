"""Phase one: a recording to a committed segment of the cache."""
