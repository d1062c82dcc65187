"""What every package stands on: device, seeds, prefetching, process group, formatting."""
