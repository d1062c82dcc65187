"""The type checker that holds array shapes while tests run: beartype, with int allowed for float as PEP 484 has it."""

from beartype import BeartypeConf, beartype

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
