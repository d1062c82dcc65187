"""Commands that maintain a cache: check every byte, take out what is damaged or unwanted, clear away what is left."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ..data.errors import BadInput

if TYPE_CHECKING:
    from ..cache.verify import Fault

CacheArgument = Annotated[
    str | None, typer.Argument(metavar="CACHE", help="The cache: a folder, or an s3:// address; or as --cache.")
]
NamedCacheOption = Annotated[str | None, typer.Option("--cache", help="The cache, as other commands take it.")]
RepairOption = Annotated[
    bool, typer.Option("--repair", help="Take damaged recordings out, for extract-teacher to make them anew.")
]
DropOption = Annotated[
    list[str] | None,
    typer.Option("--drop", metavar="RECORDING", help="First take this recording out of the cache; repeatable."),
]


def register(app: typer.Typer) -> None:
    """Add this file's commands to the command line."""
    app.command("verify", epilog="Example: equigait-cli verify rides/cache --repair")(verify)
    app.command("gc", epilog="Example: equigait-cli gc rides/cache --drop h009-r00")(gc)


def verify(cache: CacheArgument = None, named: NamedCacheOption = None, repair: RepairOption = False) -> None:
    """Hold every byte of a cache against its hash.

    Exit code 1 when something is damaged. With --repair it is taken out of the cache, for `extract-teacher` to make
    anew, and the exit code is 0.
    """
    from ..cache.store import open_store
    from ..cache.verify import repair as take_out
    from ..cache.verify import require_cache
    from ..cache.verify import verify as check

    cache = _one_cache(cache, named=named)
    require_cache(store := open_store(cache))
    faults = check(store)
    if repair:
        take_out(store, faults)
    for fault in faults:
        print(f"{fault.kind:<10} {fault.path}  {fault.detail}")
    damaged = [fault for fault in faults if fault.is_damage]
    print(f"{cache}: {len(damaged)} damaged, {len(faults) - len(damaged)} left over" if faults else f"{cache}: sound")
    print(_way_out(faults, cache=cache, repaired=repair), end="")
    if damaged and not repair:
        raise typer.Exit(1)


def _one_cache(cache: str | None, *, named: str | None) -> str:
    """The cache, given either way; both, or neither, is refused."""
    if cache and not named:
        return cache
    if named and not cache:
        return named
    found = f"{cache} and --cache {named}" if cache else "no cache"
    expected = "one cache: a folder, or an s3:// address"
    raise BadInput("command line", found=found, expected=expected, remedy="Give it once, as CACHE or --cache.")


def _way_out(faults: "Sequence[Fault]", *, cache: str, repaired: bool) -> str:
    """What becomes of faults, a line for the damaged and one for what is left over."""
    lines = []
    names = sorted({fault.recording_id or "an unknown recording" for fault in faults if fault.is_damage})
    if names:
        done = "taken out:" if repaired else f"`equigait-cli verify {cache} --repair` takes out"
        lines += [f"{done} {', '.join(names)}; extract-teacher then makes that anew"]
    if any(not fault.is_damage for fault in faults):
        lines += [f"`equigait-cli gc {cache}` clears what is left over"]
    return "".join(f"{line}\n" for line in lines)


def gc(cache: CacheArgument = None, named: NamedCacheOption = None, drop: DropOption = None) -> None:
    """Clear away what killed writers left in a cache.

    Superseded segments go, too; nothing committed goes unless --drop names it. What was written within the last hour
    stays: its writer may be at work.
    """
    from ..cache.store import open_store
    from ..cache.verify import drop as take_out
    from ..cache.verify import gc as clear
    from ..cache.verify import left_over, require_cache
    from ..cache.writer import rewrite_older

    cache = _one_cache(cache, named=named)
    require_cache(store := open_store(cache))
    if drop:
        take_out(store, drop)
        print(f"{cache}: taken out: {', '.join(drop)}")
    if rewritten := rewrite_older(store):
        print(f"{cache}: {rewritten} manifest entries of an earlier release rewritten")
    removed, stay = clear(store), len(left_over(store))
    young = f"; {stay} written within the last hour left, in case a writer is at work: run gc again later"
    print(f"{cache}: {len(removed)} removed{young if stay else ''}")
