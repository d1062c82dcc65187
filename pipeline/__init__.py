"""The two phases: teacher to cache, cache to student, student to scores."""
