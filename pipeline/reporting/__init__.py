"""Pages: of a run, and of several side by side."""
