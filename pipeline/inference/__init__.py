"""What a trained student says of recordings: timelines, bouts, tables."""
