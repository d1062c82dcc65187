"""The transforms of sensor windows, a file each; `README.md` in this folder shows each in a picture.

Windows come as `[batch, sites, 2, 3, steps]`: specific force (m/s^2) before angular rate (rad/s), x forward, y left,
z up. Each kind draws for the whole batch at once from the generator it is given, on the windows' device, and draws
nothing where its setting is 0: adding a kind never changes the runs that go without it.
"""
