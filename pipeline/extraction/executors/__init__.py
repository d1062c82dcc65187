"""Who does the work of phase one: this process, or actors of a Ray cluster; the work itself is the same."""
