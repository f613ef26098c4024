"""The two losses of the paper (section II-C). Both take penalties, of which the lowest wins."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lenet.training.recipe import Loss


def mean_loss(
    penalties: Tensor,
    labels: Tensor,
    loss: Loss,
    rubbish: float = math.inf,
    temperature: float = 1.0,
) -> Tensor:
    """The mean loss of n patterns, a scalar.

    Parameters
    ----------
    penalties : (n, 10) output of the network
    labels : (n,) int64, or class probabilities, (n, 10)
    loss : "eq8" is the penalty of the right digit, y_D;
        "eq9" is y_D + log(e^−j + Σ e^−y_i) over all ten digits, which also pushes up the others
    rubbish : j of eq. 9, the penalty of "none of the ten"; infinite leaves that class out, which
        makes eq. 9 the cross-entropy of softmax(−penalties). The paper gives no value.
    temperature : divides the penalties in eq. 9
    """
    if loss == "eq9":
        penalties = penalties / temperature
    if labels.dim() == 1:
        right = penalties.gather(1, labels[:, None])  # (n, 1)
    else:
        right = (labels * penalties).sum(1, keepdim=True)
    if loss == "eq8":
        return right.mean()
    competitors = torch.cat([-penalties, torch.full_like(right, -rubbish)], dim=1)  # (n, 11)
    return (right[:, 0] + competitors.logsumexp(1)).mean()
