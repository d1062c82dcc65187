"""How PyAV opens a file whose words about itself are in another alphabet: they do not matter."""

from typing import Any

import av

FORGIVING: dict[str, Any] = {} if int(av.__version__.split(".")[0]) >= 19 else {"metadata_errors": "replace"}
"""Options of `av.open`. From PyAV 19 on nothing has to be said, and the option is gone."""
