"""How classifiers are scored: few labels, folds, missing sensors."""
