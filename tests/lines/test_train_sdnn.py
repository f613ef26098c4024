"""Learning whole lines without being told where their digits stand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lenet.lines import ctc
from lenet.lines.train_sdnn import SdnnModel, SdnnRecipe, pad_lines, train_sdnn, warp_lines
from lenet.network.sdnn import EVERY, SEEN, SHAPES, Sdnn


@pytest.mark.parametrize("width", [32, 33, 36, 75, 200])
def test_numpy_gives_what_torch_gives(width, rng):
    torch.manual_seed(1)
    model = SdnnModel(0.1)
    line_images = [rng.integers(0, 256, (32, 64)).astype(np.uint8) for _ in range(8)]
    model(pad_lines(line_images))  # fills the running means that are folded away
    image = rng.integers(0, 256, (32, width)).astype(np.uint8)
    with torch.no_grad():
        wanted = model.eval()(torch.from_numpy(image / np.float32(255))[None, None])[0].T.numpy()
    log_probs = Sdnn(model.folded())(image)
    assert log_probs.shape == wanted.shape == ((width - SEEN) // EVERY + 1, 11)
    assert np.allclose(log_probs, wanted, atol=2e-4)
    assert np.allclose(np.exp(log_probs).sum(1), 1, atol=1e-4)


def bars(rng, text) -> np.ndarray:
    """A line image in which 0 is a high bar and 1 is a low one."""
    image = np.zeros((32, 32 + 14 * len(text)), np.uint8)
    for k, value in enumerate(text):
        left = 18 + 14 * k + int(rng.integers(0, 3))
        image[6 if value == 0 else 16 : 16 if value == 0 else 26, left : left + 4] = 255
    return image


@pytest.mark.slow
def test_it_learns_which_bars_stand_in_which_order(rng):
    texts = [rng.integers(0, 2, rng.integers(1, 5)) for _ in range(300)]
    line_images = [bars(rng, text) for text in texts]
    recipe = SdnnRecipe(passes=4, batch=16)
    network = Sdnn(train_sdnn(line_images, texts, recipe, 0))
    assert {name.split(".")[0] for name in network.tensors} == set(SHAPES)
    right = 0
    for _ in range(40):
        text = rng.integers(0, 2, rng.integers(1, 5))
        right += ctc.beam_search(network(bars(rng, text)), 3)[0] == tuple(text)
    assert right >= 32
    again = train_sdnn(line_images[:32], texts[:32], SdnnRecipe(passes=1), 5)
    same = train_sdnn(line_images[:32], texts[:32], SdnnRecipe(passes=1), 5)
    assert all(np.array_equal(again[name], same[name]) for name in again)


def test_bent_strips_keep_their_writing(rng):
    line_images = pad_lines([bars(rng, (0, 1, 0)), bars(rng, (1,))])
    warped = warp_lines(line_images, torch.Generator().manual_seed(3))
    assert warped.shape[:3] == line_images.shape[:3]
    assert warped.shape[3] % EVERY == 0
    assert warped.min() >= 0
    assert warped.max() <= 1
    for one, other in zip(line_images, warped, strict=True):
        assert 0.3 < float(other.sum() / one.sum()) < 3
    assert not torch.equal(warped, warp_lines(line_images, torch.Generator().manual_seed(4)))
