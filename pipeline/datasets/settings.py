"""Settings that say which windows a cache or a recording gives. Light to import."""

from ...data.clips import ClipSpec
from ...data.resample import GridSpec
from ...data.settings import Settings
from ...data.splits import SplitSpec
from ...data.windows import WindowSpec
from ...data.words import Words
from ..teachers.settings import TeacherSettings


class DatasetSettings(Settings):
    """The sections that a data set of windows depends on."""

    grid: GridSpec = GridSpec()
    windows: WindowSpec = WindowSpec()
    clips: ClipSpec = ClipSpec()
    teacher: TeacherSettings = TeacherSettings()
    split: SplitSpec = SplitSpec()
    words: Words = Words()

    @property
    def window_seconds(self) -> float:
        """How long a window lasts."""
        return self.windows.steps / self.grid.rate_hz
