"""Where something lies in an image."""

from __future__ import annotations

from typing import NamedTuple


class Box(NamedTuple):
    """Pixels top … bottom − 1 and left … right − 1, counted from the upper left corner."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def inside(self) -> tuple[slice, slice]:
        """The index of these pixels in an array of shape (height, width)."""
        return slice(self.top, self.bottom), slice(self.left, self.right)
