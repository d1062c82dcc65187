"""Pretraining: model, trainer, loop, run folder, checkpoints."""
