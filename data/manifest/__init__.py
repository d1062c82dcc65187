"""The manifest of a recording: its schema, its file, and the recording that it describes."""

from .load import load_recording

__all__ = ["load_recording"]
