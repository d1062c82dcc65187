"""Ways to tell classes of windows apart: baselines, and classifiers on a pretrained student."""
