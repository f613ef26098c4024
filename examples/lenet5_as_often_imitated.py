"""What most tutorials call LeNet-5: python examples/lenet5_as_often_imitated.py FOLDER

61,706 parameters instead of 60,000. ≠ marks what the paper does not do; see lenet5_in_pytorch.py.
"""

from math import inf

from lenet5_in_pytorch import main
from torch import nn


class Imitation(nn.Sequential):
    def __init__(self):
        c1 = nn.Conv2d(1, 6, 5), nn.Tanh()  # ≠ tanh unscaled: f(1) = 0.76, not 1
        s2 = (
            nn.AvgPool2d(2),
        )  # ≠ average, no coefficient, bias or squashing: 0 parameters, not 12
        c3 = (
            nn.Conv2d(6, 16, 5),
            nn.Tanh(),
        )  # ≠ reads all 96 pairs of maps, not 60: 2,416, not 1,516
        s4 = (nn.AvgPool2d(2),)  # ≠ as S2: 0 parameters, not 32
        c5 = nn.Conv2d(16, 120, 5), nn.Tanh(), nn.Flatten()
        f6 = nn.Linear(120, 84), nn.Tanh()
        output = (nn.Linear(84, 10),)  # ≠ scores, not distances to ten drawings: 850, not 0
        super().__init__(*c1, *s2, *c3, *s4, *c5, *f6, *output)

    def forward(self, planes):
        return -super().forward(planes)  # the lowest wins, as in lenet5_in_pytorch.py


if __name__ == "__main__":
    main(Imitation(), j=inf)  # ≠ without the rubbish class: the cross-entropy of a softmax
