"""Learning from labelled windows on top of a frozen student: embeddings, the linear probe, its file."""
