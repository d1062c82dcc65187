"""Scores on horses that were never seen: classifiers on the same windows, intervals, few labels, one horse left out."""
