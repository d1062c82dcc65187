"""Files of the Hugging Face Hub: what this machine has already, else downloaded, or refused within seconds."""

from collections.abc import Callable, Sequence
from pathlib import Path

from ...data.errors import BadInput, first_line

HUB_PATIENCE_SECONDS = 3.0
"""How long the Hub may take to answer before it counts as out of reach: its client alone would try for 23 s."""


def hub_folder(
    name: str, *, files: Sequence[str], complete: Callable[[Path], bool], refusal: Callable[[str, str], BadInput]
) -> Path:
    """The folder with the files of that name: the local one where it is complete, else the Hub's.

    `refusal` takes the name and why it cannot be had.
    """
    from huggingface_hub import HfApi, constants, snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    wanted = list(files)
    try:
        local = Path(snapshot_download(name, allow_patterns=wanted, local_files_only=True))
        if complete(local):
            return local
    except (LocalEntryNotFoundError, HFValidationError):
        pass
    if constants.HF_HUB_OFFLINE:
        raise refusal(name, "not on this machine, and HF_HUB_OFFLINE is set")
    try:
        HfApi().model_info(name, timeout=HUB_PATIENCE_SECONDS)
        return Path(snapshot_download(name, allow_patterns=wanted))
    except Exception as error:  # the Hub's client has changed its HTTP library, and with it its errors, more than once
        found = f"not on this machine, and the Hugging Face Hub does not give it ({first_line(error)})"
        raise refusal(name, found) from error
