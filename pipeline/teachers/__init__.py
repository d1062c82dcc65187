"""The frozen networks that look at film: VideoMAE, from the Hub, from a folder, or the small one shipped here."""
