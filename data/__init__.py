"""From files to windows: readers, labels, film, synchronised grids, splits, simulation. No torch here."""
