"""Ruled lines anywhere in an image: traced column by column, joined over gaps, fitted straight.

A rule's cross-section is a short run of ink. Runs of neighbouring columns that face each other form
a chain; chains along one straight line form a rule. Digits' strokes make short chains only.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from lenet.preprocessing.image import Grey
from lenet.preprocessing.morphology import Mask, running_max, smallest_connected

# Lengths are shares of the image's longer side.
NEIGHBOURHOOD = 0.012  # half the side of the square whose mean a rule is darker than
MIN_CONTRAST = 0.02  # of white; and …
ROUGHNESS = 1.0  # … of the mean contrast around: what is darker than both is ink
THICKNESS = 0.012  # thicker runs are no rules
STEP = 3  # columns to the next run of a chain, at most
SHIFT = 0.8  # rows a chain moves in one column, at most: rules slope by up to 39°
CHAIN = 0.012  # shorter chains are strokes
MOST_CHAINS = 2000  # the longest; hatching has ten thousands, and each is compared with each
TOGETHER = 32  # chains that are compared with each at once: so much stays in the cache
STRAIGHT = 0.0015  # root mean square distance of a chain from its straight line
FRAGMENT_GAP = 0.06  # between two chains of one rule
FRAGMENT_OFFSET = 0.0025  # how far their lines may miss each other in the gap's middle
MIN_OFFSET = 1.5  # pixels, however small the image
FRAGMENT_TURN = 0.04  # by how much their slopes may differ, and more for short ones
STEEPEST = 0.6  # slope of a rule: those of both directions cannot be parallel
RULE = 0.02  # shorter rules are strokes
SHORTEST_CHAIN, SHORTEST_RULE = 5, 12  # pixels, however small the image
ONWARD_GAP = 0.012  # in ink that carries a rule on


class Rules(NamedTuple):
    """Near-horizontal rules y = intercept + slope · x for x in start … end, each of shape (n,)."""

    start: NDArray[np.float64]
    end: NDArray[np.float64]
    intercept: NDArray[np.float64]
    slope: NDArray[np.float64]

    def at(self, place: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """y at x."""
        return self.intercept + self.slope * place

    def chosen(self, which: NDArray[np.intp] | Mask) -> Rules:
        return Rules(*(numbers[which] for numbers in self))


def rule_ink(grey: Grey) -> Mask:
    """Where a grey plane (h, w), 0 black … 1 white, is darker than its neighbourhood."""
    radius = max(5, round(NEIGHBOURHOOD * max(grey.shape)))
    image = Image.fromarray(np.rint(grey.clip(0, 1) * 255).astype(np.uint8))
    mean = np.asarray(image.filter(ImageFilter.BoxBlur(radius)), np.int16)
    off = mean - np.asarray(image, np.int16)
    contrast = Image.fromarray(np.abs(off).astype(np.uint8))
    around = np.asarray(contrast.filter(ImageFilter.BoxBlur(2 * radius)), np.float32)
    ink: Mask = off > np.maximum(MIN_CONTRAST * 255, ROUGHNESS * around)
    return ink


def find_rules(ink: Mask) -> Rules:
    """The near-horizontal rules in ink (h, w). Of ink.T they are the near-vertical ones."""
    side = max(ink.shape)
    rules = _joined(_chains(ink, side), side)
    long = rules.end - rules.start >= max(RULE * side, SHORTEST_RULE)
    rules = rules.chosen(long & (np.abs(rules.slope) <= STEEPEST))
    return _carried_on(rules, ink, side)


def _chains(ink: Mask, side: int) -> Rules:
    """Straight chains of facing runs."""
    column, middle = _thin_runs(ink, max(3, round(THICKNESS * side)))
    chain = _chained(column, middle)
    number, member = np.unique(chain, return_inverse=True)
    count = np.bincount(member).astype(np.float64)
    mean_x, mean_y = (np.bincount(member, values) / count for values in (column, middle))
    dx, dy = column - mean_x[member], middle - mean_y[member]
    xx, xy, yy = (np.bincount(member, product) / count for product in (dx * dx, dx * dy, dy * dy))
    slope = xy / np.maximum(xx, 1e-9)
    distance = np.sqrt(np.maximum(yy - slope * xy, 0))
    start, end = np.full(len(number), np.inf), np.full(len(number), -np.inf)
    np.minimum.at(start, member, column)
    np.maximum.at(end, member, column)
    chains = Rules(start, end, mean_y - slope * mean_x, slope)
    long = end - start >= max(CHAIN * side, SHORTEST_CHAIN)
    chains = chains.chosen(long & (distance <= max(1, STRAIGHT * side)))
    by_length = np.argsort(chains.start - chains.end, kind="stable")
    return chains.chosen(np.sort(by_length[:MOST_CHAINS]))


def _thin_runs(ink: Mask, thickest: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Column and middle of each upright run of ink that is thin, column by column."""
    columns = np.zeros((ink.shape[1], ink.shape[0] + 1), np.int8)  # a blank ends each column
    columns[:, :-1] = ink.T
    change = np.diff(columns.ravel(), prepend=0)
    first, end = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    thin = end - first <= thickest
    column, top = np.divmod(first[thin], columns.shape[1])
    return column.astype(np.float64), top + (end[thin] - first[thin] - 1) / 2


def _chained(column: NDArray[np.float64], middle: NDArray[np.float64]) -> NDArray[np.intp]:
    """The chain of each run: each has one successor at most, the nearest that finds it nearest."""
    count = len(column)
    height = middle.max() + 2 if count else 1.0
    place = column * height + middle  # ascending
    follower = np.arange(count)
    followed = np.zeros(count, bool)
    for step in range(1, STEP + 1):
        ahead, distance = _nearest(place + step * height, place)
        behind, _ = _nearest(place - step * height, place)
        mutual = behind[ahead] == np.arange(count)
        free = (follower == np.arange(count)) & ~followed[ahead]
        link = mutual & free & (distance <= SHIFT * step + 0.5)
        follower[link] = ahead[link]
        followed[ahead[link]] = True
    while True:  # pointers double until each run points at its chain's last
        further = follower[follower]
        if np.array_equal(further, follower):
            return follower
        follower = further


def _nearest(
    wanted: NDArray[np.float64], places: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The index of the ascending place that is nearest to each wanted one, and how far it is."""
    after = np.searchsorted(places, wanted).clip(0, len(places) - 1)
    before = (after - 1).clip(0)
    nearer = np.abs(places[before] - wanted) < np.abs(places[after] - wanted)
    index = np.where(nearer, before, after)
    return index, np.abs(places[index] - wanted)


def _joined(chains: Rules, side: int) -> Rules:
    """Chains along one line, as one rule each, fitted through their ends."""
    length = chains.end - chains.start + 1
    starts = range(0, len(length), TOGETHER)
    blocks = [_same_line(chains, slice(first, first + TOGETHER), side) for first in starts]
    same = np.concatenate([np.zeros((0, len(length)), bool), *blocks])
    group = smallest_connected(len(length), *np.nonzero(same))
    number, member = np.unique(group, return_inverse=True)
    start, end = np.full(len(number), np.inf), np.full(len(number), -np.inf)
    np.minimum.at(start, member, chains.start)
    np.maximum.at(end, member, chains.end)
    ends = np.concatenate([chains.start, chains.end])
    heights = np.concatenate([chains.at(chains.start), chains.at(chains.end)])
    both, weight = np.concatenate([member, member]), np.concatenate([length, length])
    total = np.bincount(both, weight)
    mean_x, mean_y = (np.bincount(both, weight * z) / total for z in (ends, heights))
    dx, dy = ends - mean_x[both], heights - mean_y[both]
    slope = np.bincount(both, weight * dx * dy) / np.bincount(both, weight * dx * dx)
    return Rules(start, end, mean_y - slope * mean_x, slope)


def _same_line(chains: Rules, some: slice, side: int) -> Mask:
    """Which chains, of all, lie along one line with each of some."""
    start, end, intercept, slope = (numbers[some, None] for numbers in chains)
    gap = np.maximum(start, chains.start) - np.minimum(end, chains.end)
    middle = np.maximum(start, chains.start) - gap / 2
    offset = np.abs(intercept + slope * middle - chains.at(middle))
    shorter = np.minimum(end - start, chains.end - chains.start) + 1
    same: Mask = (gap <= FRAGMENT_GAP * side) & (gap > -0.3 * shorter)
    same &= offset <= max(MIN_OFFSET, FRAGMENT_OFFSET * side) + 0.03 * gap.clip(0)
    same &= np.abs(slope - chains.slope) <= FRAGMENT_TURN + 3 / shorter
    return same


def _carried_on(rules: Rules, ink: Mask, side: int) -> Rules:
    """Each rule as far as ink goes on along its line: crossings hide its cross-section."""
    places = np.arange(ink.shape[1])
    rows = np.rint(rules.intercept[:, None] + rules.slope[:, None] * places).astype(np.intp)
    inked = running_max(ink, 3, 0)[rows.clip(0, len(ink) - 1), places]
    inked &= (rows >= 0) & (rows < len(ink))
    longest = round(ONWARD_GAP * side)
    last = ink.shape[1] - 1
    end = _reach(inked, rules.end, longest)
    start = last - _reach(inked[:, ::-1], last - rules.start, longest)
    return Rules(start, end, rules.intercept, rules.slope)


def _reach(inked: Mask, ends: NDArray[np.float64], longest: int) -> NDArray[np.float64]:
    """The last place, of each row, that one gets to from its end over gaps no longer than this."""
    places = np.arange(inked.shape[1])
    stops = np.where((inked & (places > ends[:, None])) | (places == ends[:, None]), places, -1)
    before = np.maximum.accumulate(stops, 1)
    lost = (stops[:, 1:] > ends[:, None]) & (places[1:] - before[:, :-1] > longest)
    far = np.where(lost.any(1), lost.argmax(1), before.shape[1] - 1)
    reached: NDArray[np.float64] = before[np.arange(len(before)), far].astype(np.float64)
    return reached
