"""Sensor file formats: one file and one line in this table each."""

from .apdm_opal import ApdmOpalReader
from .blue_trident import BlueTridentReader
from .csv_file import CsvReader
from .gopro import GoProReader
from .hdf5_file import Hdf5Reader
from .matlab_file import MatlabReader
from .movella_dot import MovellaDotReader
from .parquet_file import ParquetReader
from .racechrono import RaceChronoReader
from .shimmer import ShimmerReader
from .table import Reader
from .wrist_sensors import AxivityReader, GeneactivReader
from .xsens_mtw import XsensMtwReader

FORMATS: dict[str, Reader] = {
    "csv": CsvReader(),
    "parquet": ParquetReader(),
    "hdf5": Hdf5Reader(),
    "matlab": MatlabReader(),
    "xsens-mtw": XsensMtwReader(),
    "movella-dot": MovellaDotReader(),
    "shimmer": ShimmerReader(),
    "apdm-opal": ApdmOpalReader(),
    "blue-trident": BlueTridentReader(),
    "axivity": AxivityReader(),
    "geneactiv": GeneactivReader(),
    "racechrono": RaceChronoReader(),
    "gopro": GoProReader(),
}
"""Readers by the name that a manifest's `format:` takes."""
