"""Drawing by hand: a few SVG elements as text, coloured by the page's style sheet, so that light and dark both work."""

from collections.abc import Sequence
from html import escape


def svg(parts: Sequence[str], *, width: float, height: float, label: str) -> str:
    """A drawing of this size that shrinks with the page; `label` says to a screen reader what it shows."""
    body = "\n".join(parts)
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img" aria-label="{escape(label)}">'
        f"\n{body}\n</svg>"
    )


def line(x1: float, y1: float, x2: float, y2: float, *, kind: str) -> str:
    """A straight line of a class of the style sheet."""
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def rect(x: float, y: float, width: float, height: float, *, kind: str, strength: float = 1.0, tip: str = "") -> str:
    """A rectangle; `strength` is its opacity, `tip` what the mouse is shown."""
    title = f"<title>{escape(tip)}</title>" if tip else ""
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="4" '
        f'fill-opacity="{strength:.3f}">{title}</rect>'
    )


def dot(x: float, y: float, *, kind: str, radius: float = 5.0, tip: str = "") -> str:
    """A filled circle."""
    title = f"<title>{escape(tip)}</title>" if tip else ""
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}">{title}</circle>'


def text(x: float, y: float, content: str, *, kind: str = "", anchor: str = "start") -> str:
    """A line of text; `anchor` is start, middle or end."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(content)}</text>'


def path(points: Sequence[tuple[float, float]], *, kind: str) -> str:
    """A line through points."""
    steps = " ".join(f"{'M' if index == 0 else 'L'}{x:.1f} {y:.1f}" for index, (x, y) in enumerate(points))
    return f'<path class="{kind}" d="{steps}"/>'
