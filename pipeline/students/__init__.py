"""Students: encoders that turn a window of sensor signals into an embedding. `table.STUDENTS` names them all."""
