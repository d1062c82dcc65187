"""What recordings are worth before anything is learned from them: facts, refusals and suspicions, as text and page."""
