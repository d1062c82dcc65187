"""The report of a run as one page of HTML that opens anywhere: `write_report`."""

from .report import write_report

__all__ = ["write_report"]
