"""LeNet-5 as published in 1998, in PyTorch alone: python examples/lenet5_in_pytorch.py FOLDER

FOLDER holds MNIST's four files. Sections, equations and tables: LeCun, Bottou, Bengio, Haffner,
"Gradient-Based Learning Applied to Document Recognition", 1998. Only the optimiser is today's.
"""

import gzip
import os
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

TABLE_I = "012 123 234 345 045 015 0123 1234 2345 0345 0145 0125 0134 1245 0235 012345"
CODES = """
.#####. ...##.. .#####. ####### .#####. .#####. ..####. ####### .#####. .#####.
....... ..###.. ....... .....## ....... ....... .##.... .....## ##...## ##..###
..###.. .####.. .#####. ....##. ....... ####### ##..... .....## ##...## ##...##
.##.##. ...##.. ##...## ...##.. .##..## ##..... ##..... ....##. ##...## ##...##
##...## ...##.. #....## ..####. .##..## ##..... ######. ...##.. .#####. ##..###
##...## ...##.. ....##. .....## ###..## .####.. ###..## ...##.. ##...## .######
##...## ...##.. ..###.. .....## ##...## ..####. ##...## ..##... ##...## .....##
##...## ...##.. .##.... .....## ##...## .....## ##...## ..##... ##...## .....##
.##.##. ...##.. ##..... ##...## ##..### ##...## ###..## ..##... ##...## ....##.
..###.. .###### ####### .#####. .###### .#####. .#####. ..##... .#####. .####..
....... ....... ....... ....... .....## ....... ....... ....... ....... .......
....... ....... ....... ....... .....## ....... ....... ....... ....... .......
"""  # Fig. 3: ten drawings of 12 × 7 cells, one for each unit of F6


def squash(activation):  # eq. 6: ±1 stay ±1, where the curvature is largest
    return 1.7159 * torch.tanh(2 / 3 * activation)


class SubSampling(nn.Module):
    def __init__(self, maps):
        super().__init__()
        self.coefficient = nn.Parameter(torch.ones(maps, 1, 1))
        self.bias = nn.Parameter(torch.zeros(maps, 1, 1))

    def forward(self, maps):
        return self.coefficient * 4 * functional.avg_pool2d(maps, 2) + self.bias  # 2×2: the sum


class LeNet5(nn.Module):  # section II-B: 60,000 trainable parameters, 340,908 connections
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, 5)
        self.s2 = SubSampling(6)
        self.c3_kernels = nn.Parameter(torch.empty(60, 5, 5).uniform_(-0.1, 0.1))  # not 96
        self.c3_bias = nn.Parameter(torch.zeros(16))
        self.s4 = SubSampling(16)
        self.c5 = nn.Conv2d(16, 120, 5)
        self.f6 = nn.Linear(120, 84)
        self.table = torch.tensor([[m in reads for m in "012345"] for reads in TABLE_I.split()])
        ink = [[c == "#" for row in CODES.split()[k::10] for c in row] for k in range(10)]
        self.register_buffer("codes", torch.tensor(ink) * 2.0 - 1)  # (10, 84), ±1, not trained

    def stages(self, planes):  # (n, 1, 32, 32)
        c3_weight = planes.new_zeros(16, 6, 5, 5)
        c3_weight[self.table] = self.c3_kernels
        c1 = squash(self.c1(planes))  # (n, 6, 28, 28)
        s2 = squash(self.s2(c1))  # (n, 6, 14, 14)
        c3 = squash(functional.conv2d(s2, c3_weight, self.c3_bias))  # (n, 16, 10, 10)
        s4 = squash(self.s4(c3))  # (n, 16, 5, 5)
        c5 = squash(self.c5(s4))  # (n, 120, 1, 1)
        f6 = squash(self.f6(c5.flatten(1)))  # (n, 84)
        output = (f6[:, None] - self.codes).square().sum(2)  # (n, 10), eq. 7: the lowest wins
        return c1, s2, c3, s4, c5, f6, output

    def forward(self, planes):
        return self.stages(planes)[-1]


def idx(path, header):  # the bytes after a header of so many; the file may be gzipped
    raw = path.read_bytes() if path.is_file() else gzip.decompress(Path(f"{path}.gz").read_bytes())
    return torch.frombuffer(bytearray(raw), dtype=torch.uint8, offset=header)


def mnist(folder, part):  # planes (n, 1, 32, 32), paper −0.1 and ink 1.175 (II-B); labels (n,)
    images = idx(folder / f"{part}-images-idx3-ubyte", 16).view(-1, 1, 28, 28)
    planes = functional.pad(images / 255 * 1.275 - 0.1, (2, 2, 2, 2), value=-0.1)
    return planes, idx(folder / f"{part}-labels-idx1-ubyte", 8).long()


def loss_of(penalties, labels, j):  # eq. 9: y_D + log(e^−j + Σ e^−y_i); the paper gives no j
    competitors = functional.pad(-penalties, (0, 1), value=-j).logsumexp(1)
    return (penalties.gather(1, labels[:, None])[:, 0] + competitors).mean()


def train(network, planes, labels, j, passes=8, batch=128, rate=0.004):
    optimiser, steps = torch.optim.AdamW(network.parameters(), rate), len(planes) // batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, passes * steps)
    for number in range(1, passes + 1):
        for chosen in torch.randperm(len(planes))[: steps * batch].view(steps, batch):
            loss = loss_of(network(planes[chosen]), labels[chosen], j)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        print(f"pass {number} of {passes}: loss of the last {batch} digits {loss:.3f}")


def main(network, j=3.0):
    named = (*sys.argv[1:], os.getenv("LENET_DATA", "~/.cache/lenet") + "/mnist")[0]
    try:
        training, test = (mnist(Path(named).expanduser(), part) for part in ("train", "t10k"))
    except FileNotFoundError as error:
        sys.exit(f"{error}\nGive FOLDER; https://ossci-datasets.s3.amazonaws.com/mnist/ has MNIST")
    print(f"{sum(weights.numel() for weights in network.parameters()):,} trainable parameters")
    train(network, *training, j)
    with torch.no_grad():
        answers = torch.cat([network(part).argmin(1) for part in test[0].split(1000)])
    print(f"{(answers != test[1]).sum()} errors on {len(answers):,} test digits")


if __name__ == "__main__":
    main(LeNet5())
