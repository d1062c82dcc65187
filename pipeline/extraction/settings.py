"""Settings of phase one: which grid, windows and clips a cache holds, and who the teacher is. Light to import."""

from ...data.clips import ClipSpec
from ...data.resample import GridSpec
from ...data.settings import Settings
from ...data.windows import WindowSpec
from ..teachers.settings import TeacherSettings


class ExtractionSettings(Settings):
    """The sections that a segment of the cache depends on."""

    grid: GridSpec = GridSpec()
    windows: WindowSpec = WindowSpec()
    clips: ClipSpec = ClipSpec()
    teacher: TeacherSettings = TeacherSettings()

    def with_teacher_threads(self, threads: int) -> "ExtractionSettings":
        """The same with so many threads for the teacher, unless a number is set already."""
        if self.teacher.threads is not None:
            return self
        return self.model_copy(update={"teacher": self.teacher.model_copy(update={"threads": threads})})
