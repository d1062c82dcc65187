"""equigait-cli: a command parses, calls and prints."""
