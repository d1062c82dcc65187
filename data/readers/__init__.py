"""Sensor file formats: one file and one line in this table each."""

from .csv_file import CsvReader
from .hdf5_file import Hdf5Reader
from .parquet_file import ParquetReader
from .table import Reader
from .xsens_mtw import XsensMtwReader

FORMATS: dict[str, Reader] = {
    "csv": CsvReader(),
    "parquet": ParquetReader(),
    "hdf5": Hdf5Reader(),
    "xsens-mtw": XsensMtwReader(),
}
"""Readers by the name that a manifest's `format:` takes."""
