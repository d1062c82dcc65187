"""One value of a YAML text set without touching the rest: comments, order and layout stay as a person wrote them.

A round trip through ruamel.yaml keeps comments and order, and not the layout: it indents lists anew, puts flow sections
as blocks or on one line, and mixes line ends where a file has CRLF. The tests here hold every letter.
"""

from collections.abc import Sequence

import yaml


def put(text: str, *, at: Sequence[str | int], value: object) -> str:
    """The text with a value at a path such as `("sensors", 2, "shift_seconds")`: in the place of the one that is there,
    or as the last of its section.

    The section must be there, else LookupError. Aliases and the like can mislead it: read the result again.
    """
    section = _section(yaml.compose(text, Loader=yaml.SafeLoader), at=at[:-1])
    for key, old in section.value:
        if key.value == at[-1]:
            start, stop = old.start_mark.index, _end(old)
            return f"{text[:start]}{'' if text[start - 1].isspace() else ' '}{_inline(value)}{text[stop:]}"
    added = {at[-1]: value}
    last = max(_pair_end(*pair) for pair in section.value)
    if section.flow_style:
        return f"{text[:last]}, {_inline(added)[1:-1]}{text[last:]}"
    newline = "\r\n" if "\r\n" in text else "\n"
    indent = " " * section.value[0][0].start_mark.column
    lines = yaml.safe_dump(added, sort_keys=False, allow_unicode=True).splitlines()
    stop = _line_end(text, after=last)
    return text[:stop] + "".join(f"{newline}{indent}{line}" for line in lines) + text[stop:]


def scalar_as_written(text: str, *, key: str) -> str:
    """The letters of a value at the top of a YAML text, which reads `010` as eight; KeyError where there is none."""
    for name, value in _section(yaml.compose(text, Loader=yaml.SafeLoader), at=()).value:
        if name.value == key and isinstance(value, yaml.ScalarNode):
            return str(value.value)
    raise KeyError(key)


def _section(node: yaml.Node | None, *, at: Sequence[str | int]) -> yaml.MappingNode:
    for part in at:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
        elif isinstance(node, yaml.MappingNode):
            node = {key.value: value for key, value in node.value}[part]
    if not isinstance(node, yaml.MappingNode) or not node.value:
        raise LookupError(f"no section at {at}")
    return node


def _inline(value: object) -> str:
    """A value on one line."""
    shown = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000)
    return shown.splitlines()[0]


def _pair_end(key: yaml.Node, value: yaml.Node) -> int:
    """Where a key with its value ends; an alias stands for a value that was written further up."""
    return max(key.end_mark.index, _end(value) if value.start_mark.index >= key.end_mark.index else 0)


def _end(node: yaml.Node) -> int:
    """Where a value's last letter is: the end that YAML gives to an indented section lies after what follows it."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return max(_pair_end(*pair) for pair in node.value)
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return max(_end(each) for each in node.value)
    return int(node.end_mark.index)


def _line_end(text: str, *, after: int) -> int:
    """The end of the line, its comment included, without what parts it from the next."""
    stop = text.find("\n", after)
    if stop < 0:
        return len(text)
    return stop - 1 if text[stop - 1] == "\r" else stop
