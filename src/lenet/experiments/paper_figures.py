"""Figures that the paper prints, as read from its pages and its vector drawings."""

from __future__ import annotations

# Fig. 5, pass 1 … 20: errors on the test digits, and on the training digits as they are learnt, in
# %, ±0.03. From pass 13 on the drawing runs level, 0.42 falling to 0.36 on the training digits.
FIG5_TEST = (
    *(2.65, 2.24, 1.48, 1.43, 1.43, 1.09, 1.04, 1.07, 0.99, 0.96, 0.96, 0.99),
    *(0.96,) * 8,
)
FIG5_TRAIN = (4.89, 3.04, 1.77, 1.48, 1.22, 0.91, 0.78, 0.70, 0.57, 0.50, 0.47, 0.44)

# Fig. 6: training digits, and errors in % on the test digits and on them.
FIG6 = {15_000: (1.68, 0.06), 30_000: (1.14, 0.31), 60_000: (0.94, 0.35)}
FIG6_DISTORTED = 0.82

# Section III-B: smallest and largest effective step during the first pass.
STEPS = (7e-5, 0.016)

# Fig. 8: the 82 test digits that the network trained with distortions gets wrong, index from 0 in
# the test set : right digit > answer. Its embedded images were matched with MNIST's.
_FIG8 = """
247:4>6 449:3>5 582:8>2 659:2>1 674:5>3 829:4>8 926:2>8 938:3>5 1014:6>5 1039:7>3 1232:9>4
1319:8>0 1328:7>8 1393:5>3 1530:8>7 1621:0>6 1681:3>7 1790:2>7 1878:8>3 1901:9>4 1955:8>2 2035:5>3
2043:4>8 2109:3>9 2118:6>0 2129:9>8 2130:4>9 2135:6>1 2293:9>4 2387:9>1 2414:9>4 2462:2>0 2654:6>1
2921:3>5 2927:3>2 2939:9>5 3030:6>0 3422:6>0 3520:6>0 3762:6>8 3780:4>6 3808:7>3 3869:9>4 3941:4>6
4176:2>7 4224:9>7 4265:4>3 4369:9>4 4405:9>4 4425:9>4 4497:8>7 4575:4>2 4601:8>4 4740:3>5 4956:8>4
5736:6>5 5749:8>5 5955:3>8 5973:3>8 6091:9>8 6101:1>5 6173:9>8 6538:6>3 6557:0>2 6558:6>5 6571:9>5
6597:0>7 6783:1>6 7434:4>9 8059:2>1 8094:2>8 8408:8>5 8527:4>9 9009:7>2 9015:7>2 9679:6>5 9692:9>7
9698:6>1 9729:5>6 9770:5>0 9792:4>9 9904:2>8
"""
FIG8: dict[int, tuple[int, int]] = {
    int(index): (int(pair[0]), int(pair[2]))
    for index, pair in (entry.split(":") for entry in _FIG8.split())
}
