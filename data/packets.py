"""A film's packets in decoding order, and which of them must be decoded for given frames to come out right."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array

LAYERS = 8
"""Temporal sub-layers that HEVC can number."""


class Role(NamedTuple):
    """What other pictures may need of a packet. The default is the cautious one: all that follow may refer to it."""

    layer: int = 0
    """Temporal sub-layer: pictures of lower ones never refer to it."""
    referenced: bool = True
    """Whether pictures of its own layer may refer to it."""
    entry: bool = False
    """Whether decoding can begin here: what follows refers to nothing before, save leading pictures."""
    leading: bool = False
    """If shown before the entry that it follows, it may refer to what stands before that entry."""
    climbs: bool = False
    """Neither it nor what follows refers to earlier pictures of its layer or of higher ones (HEVC's TSA)."""
    has_tables: bool = False
    """Whether it carries parameter sets, which later packets may need whatever they refer to."""
    has_other_tables: bool = False
    """Whether these are others than the film's header gives to the decoder before the first packet."""


@dataclass(frozen=True)
class PacketTable:
    """What one reading of a film's packets says about decoding it."""

    seconds: Float64[Array, "packets"] = field(repr=False)
    """Presentation time of each packet's frame, in decoding order: not sorted where pictures are reordered."""
    roles: tuple[Role, ...] = field(repr=False)
    """What other packets may need of each."""
    first: int
    """The first packet that can be decoded: those before it refer to pictures that the file lacks."""

    def needed_for(self, frame_seconds: Float64[Array, "needed"]) -> Bool[Array, "packets"]:
        """The packets to decode for the frames of these times: their own, and all that those may refer to.

        Read backwards: a packet is needed when its frame is, or when a needed one after it may refer to it. `users`
        holds, for each layer, the highest layer of a needed picture that may refer to earlier pictures of that layer.
        Before an entry that is forgotten, save what pictures shown before the entry may still refer to (`crossing`).
        """
        needed = np.isin(self.seconds, frame_seconds)
        needed[: self.first] = False
        users, crossing = [-1] * LAYERS, [-1] * LAYERS
        for packet in range(len(needed) - 1, self.first - 1, -1):
            role = self.roles[packet]
            needed[packet] |= users[role.layer] >= role.layer + (not role.referenced)
            if role.climbs:
                users[role.layer :] = [-1] * (LAYERS - role.layer)
            if needed[packet]:
                below = range(role.layer + (not role.climbs))
                _mark(users, role.layer, below)
                if role.leading:
                    _mark(crossing, role.layer, below)
            if role.entry:
                users, crossing = crossing, [-1] * LAYERS
        return needed


def _mark(users: list[int], layer: int, below: range) -> None:
    for each in below:
        users[each] = max(users[each], layer)


def packet_table(seconds: Sequence[float], *, roles: Sequence[Role | None], keys: Sequence[bool]) -> PacketTable:
    """The table of packets with these times and roles; where one role is not known, nothing is left out."""
    first = keys.index(True) if True in keys else 0
    known = [role for role in roles if role is not None]
    if len(known) < len(roles):
        known = [Role()] * len(roles)
    tables_change = any(role.has_other_tables for role in known)
    return PacketTable(
        seconds=np.array(seconds),
        roles=tuple(_settled(seconds, known, tables_change=tables_change)),
        first=first,
    )


def _settled(seconds: Sequence[float], roles: Sequence[Role], *, tables_change: bool) -> list[Role]:
    """Roles in the light of the whole film: only what comes before its entry leads, and parameter sets are never lost.

    Where packets bring parameter sets that the film's header lacks, decoding can begin only at an entry with its own.
    """
    settled, known, entry_seconds = list[Role](), dict[Role, Role](), -np.inf  # a long film repeats a few roles
    for second, read in zip(seconds, roles, strict=True):
        entry = read.entry and (read.has_tables or not tables_change)
        entry_seconds = second if read.entry else entry_seconds
        role = read._replace(entry=entry, leading=read.leading and second < entry_seconds)
        carries = tables_change and read.has_tables
        role = role._replace(layer=0, referenced=True, climbs=False) if carries else role
        settled.append(known.setdefault(role, role))
    return settled
