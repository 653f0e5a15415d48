"""Where a model looked."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Attention:
    """The weights of a translation's tokens over those of its source. A notebook shows it as a picture."""

    source: list[str]
    """Tokens of the source, the end mark last."""
    target: list[str]
    """Tokens of the translation."""
    weights: list[list[float]]
    """For each token of the translation the weight of each token of the source."""
    svg: str = field(repr=False)
    """The picture."""

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: Any) -> None:
        """Writes the picture as an SVG file."""
        Path(path).write_text(self.svg, encoding="utf-8")
