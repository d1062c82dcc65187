"""Objectives: that sensors and film of a window agree, or that sensors tell what is hidden of them."""
