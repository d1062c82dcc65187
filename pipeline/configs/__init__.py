"""Named configurations: YAML files that say only what differs from the defaults beside each component."""
