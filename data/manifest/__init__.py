"""The manifest of a recording: its schema, its file, and the recording that it describes."""
