"""Joints of a horse in each frame of a film, as pose estimation leaves them in files."""
