"""The frozen networks that embed film: VideoMAE, from the Hub, from a folder, or the small one shipped here."""
