"""Scores on horses that were never seen: contenders on the same windows, intervals, few labels, one horse left out."""
