"""Windows of a cache or of recordings, in memory or streamed, and the batches drawn from them."""
