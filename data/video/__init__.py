"""What a film file holds: its packets, which of them given frames rest on, and those frames as pixels."""
