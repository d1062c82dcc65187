"""equigait: a wearable-only gait model that learns from film without labels."""

__version__ = "0.1.0"
