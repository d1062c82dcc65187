"""Objectives: losses that pull sensors and film of the same window together. `table.OBJECTIVES` names them all."""
