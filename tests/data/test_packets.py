"""Which packets needed frames rest on: references written by hand, checked one picture at a time."""

import numpy as np
from equigait.data.packets import Role, packet_table

KEY, P, B = Role(entry=True), Role(), Role(referenced=False)
OPEN_B = Role(referenced=False, leading=True)


def needed(seconds: list[float], roles: list[Role | None], wanted: list[float], keys: list[bool] | None = None) -> str:
    """The plan as a string: one letter a packet, x where it is decoded."""
    keys = keys or [role is not None and role.entry for role in roles]
    table = packet_table([float(second) for second in seconds], roles=roles, keys=keys)
    return "".join("x" if sent else "." for sent in table.needed_for(np.array(wanted, dtype=float)))


def test_pictures_that_nothing_refers_to_are_decoded_only_for_themselves() -> None:
    order = [0, 3, 1, 2, 6, 4, 5]
    assert needed(order, [KEY, P, B, B, P, B, B], [4]) == "xx..xx."


def test_nothing_is_decoded_after_the_last_needed_picture_of_a_group_nor_in_a_group_that_holds_none() -> None:
    order = [0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert needed(order, [KEY, P, P] * 3, [1, 7]) == "xx....xx."


def test_pictures_shown_before_their_entry_keep_what_stands_before_it() -> None:
    order = [0, 3, 1, 2, 6, 4, 5, 9]
    roles: list[Role | None] = [KEY, P, B, B, KEY, OPEN_B, OPEN_B, P]
    assert needed(order, roles, [9]) == "....x..x"
    assert needed(order, roles, [5]) == "xx..x.x."


def test_a_picture_that_could_lead_but_is_shown_after_its_entry_keeps_nothing_before_it() -> None:
    order = [0, 3, 4, 9, 5, 6]
    assert needed(order, [KEY, P, KEY, P, OPEN_B, OPEN_B], [5]) == "..xxx."


def test_higher_layers_fall_away_unless_a_needed_picture_may_refer_to_them() -> None:
    low, middle, high = Role(layer=0), Role(layer=1), Role(layer=2, referenced=False)
    order = [0, 4, 2, 1, 3, 8, 6]
    roles: list[Role | None] = [KEY, low, middle, high, high, low, middle]
    assert needed(order, roles, [8]) == "xx...x."
    assert needed(order, roles, [3, 8]) == "xxx.xx."
    assert needed(order, roles, [6]) == "xxx..xx"


def test_a_picture_not_referred_to_in_its_own_layer_is_kept_for_higher_ones() -> None:
    order = [0, 2, 1]
    assert needed(order, [KEY, Role(layer=1, referenced=False), Role(layer=2)], [1]) == "xxx"
    assert needed(order, [KEY, Role(layer=1, referenced=False), Role(layer=1)], [1]) == "x.x"


def test_a_step_up_of_layers_forgets_what_stood_there_before() -> None:
    order = [0, 2, 1, 4, 3]
    middle = Role(layer=1)
    assert needed(order, [KEY, P, middle, P, middle._replace(climbs=True)], [3]) == "xx.xx"
    assert needed(order, [KEY, P, middle, P, middle], [3]) == "xxxxx"


def test_where_one_role_cannot_be_told_all_packets_up_to_the_last_needed_one_are_decoded() -> None:
    assert needed([0, 2, 1, 3], [KEY, None, B, KEY], [2]) == "xx.."
    assert needed([0, 2, 1, 3], [KEY, None, B, KEY], [3]) == "xxxx"


def test_what_comes_before_the_first_key_frame_is_not_decoded() -> None:
    assert needed([0, 1, 2, 3], [P, P, P, P], [1, 3], keys=[False, False, True, False]) == "..xx"


def test_decoding_does_not_begin_at_an_entry_that_lacks_parameter_sets_which_others_carry() -> None:
    own = Role(entry=True, has_tables=True, has_other_tables=True)
    assert needed([0, 1, 2, 3], [own, P, KEY, P], [3]) == "xxxx"
    assert needed([0, 1, 2, 3], [own, P, own, P], [3]) == "..xx"


def test_a_picture_that_carries_parameter_sets_is_kept_for_those_after_it() -> None:
    own = Role(entry=True, has_tables=True, has_other_tables=True)
    assert (
        needed([0, 2, 1, 3], [own, P, Role(referenced=False, has_tables=True, has_other_tables=True), P], [3]) == "xxxx"
    )


def test_frames_of_equal_time_are_all_decoded() -> None:
    assert needed([0, 1, 1, 2], [KEY, B, B, B], [1]) == "xxx."


def test_parameter_sets_that_only_repeat_the_films_header_bind_nothing() -> None:
    repeated = Role(referenced=False, has_tables=True)
    assert needed([0, 2, 1, 3], [KEY, P, repeated, P], [3]) == "xx.x"
    assert needed([0, 1, 2, 3], [KEY._replace(has_tables=True), P, KEY, P], [3]) == "..xx"
