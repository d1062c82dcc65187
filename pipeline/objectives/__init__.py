"""Objectives: alignment of the sensors and film of a window, or reconstruction of hidden sensor signals."""
