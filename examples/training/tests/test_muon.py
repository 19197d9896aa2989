"""The optimiser's orthogonal updates."""

import torch
from training.muon import Muon, orthogonal


def test_singular_values_come_near_one():
    matrices = torch.randn(3, 24, 40) * torch.tensor([1e-4, 1, 1e4])[:, None, None]
    for update, matrix in zip(orthogonal(matrices), matrices):
        assert update.shape == (24, 40)
        values = torch.linalg.svdvals(update)
        assert values.min() > 0.3 and values.max() < 1.5
        # The same directions: U and V of the matrix's own decomposition.
        u, _, v = torch.linalg.svd(matrix, full_matrices=False)
        inner = u.T @ update @ v.T
        assert (inner - torch.diag(inner.diag())).abs().max() < 0.15


def test_tall_and_wide_are_treated_alike():
    matrix = torch.randn(1, 30, 12)
    torch.testing.assert_close(orthogonal(matrix), orthogonal(matrix.mT).mT, atol=2e-2, rtol=0)


def test_fits_a_linear_map_that_is_badly_scaled():
    torch.manual_seed(0)
    x = torch.randn(256, 16) * torch.logspace(-1.5, 0, 16)
    target = torch.randn(16, 8)
    weight = torch.nn.Parameter(torch.zeros(8, 16))
    muon = Muon([weight], lr=0.3)
    for step in range(300):
        muon.param_groups[0]["lr"] = 0.3 * (1 - step / 300)
        loss = (x @ weight.T - x @ target).pow(2).mean()
        muon.zero_grad()
        loss.backward()
        muon.step()
    assert float(loss.detach()) < 1e-3
    assert (weight.detach().T - target).abs().max() < 0.3
