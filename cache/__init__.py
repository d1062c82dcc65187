"""The one artefact between the phases: what the teacher saw, beside the sensor signals, in committed Zarr segments."""
