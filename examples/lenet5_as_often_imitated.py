"""What most tutorials call LeNet-5: python examples/lenet5_as_often_imitated.py FOLDER

61,706 parameters instead of 60,000. ≠ marks what the paper does not do; see lenet5_in_pytorch.py.
"""

from math import inf

from lenet5_in_pytorch import main
from torch import nn


class Imitation(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Conv2d(1, 6, 5),  # C1
            nn.Tanh(),  # ≠ unscaled: f(1) = 0.76, not 1
            nn.AvgPool2d(2),  # S2 ≠ no coefficient, bias or squashing: 0 parameters, not 12
            nn.Conv2d(6, 16, 5),  # C3 ≠ reads all 96 pairs of maps, not 60: 2,416, not 1,516
            nn.Tanh(),
            nn.AvgPool2d(2),  # S4 ≠ as S2: 0 parameters, not 32
            nn.Conv2d(16, 120, 5),  # C5
            nn.Tanh(),
            nn.Flatten(),
            nn.Linear(120, 84),  # F6
            nn.Tanh(),
            nn.Linear(84, 10),  # output ≠ scores, not distances to ten drawings: 850, not 0
        )

    def forward(self, planes):
        return -super().forward(planes)  # the lowest wins, as in lenet5_in_pytorch.py


if __name__ == "__main__":
    main(Imitation(), j=inf)  # ≠ without the rubbish class: the cross-entropy of a softmax
