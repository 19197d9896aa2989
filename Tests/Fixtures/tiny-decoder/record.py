"""Records what TAEHV's decoder makes of random latents, with random weights and fewer channels than the published ones.

    python record.py TAEHV.PY       # taehv.py of https://github.com/madebyollin/taehv
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

here = Path(__file__).resolve().parent


@torch.no_grad()
def record(name: str, source: str, patch: int, channels: int) -> None:
    module: dict = {}
    wanted = "n_f = [256, 128, 64, 64]"
    assert wanted in source
    exec(compile(source.replace(wanted, "n_f = [12, 10, 8, 6]"), "taehv.py", "exec"), module)
    torch.manual_seed(60 + patch)
    model = module["TAEHV"](checkpoint_path=None, patch_size=patch, latent_channels=channels).eval()
    for weight in model.decoder.parameters():
        weight.data = torch.randn(weight.shape) / (weight[0].numel() ** 0.5 if weight.ndim > 1 else 4)
    latents = 2 * torch.randn(1, 3, channels, 3, 4)  # frames before channels
    video = model.decode_video(latents, parallel=False, show_progress_bar=False)
    weights = {key: value for key, value in model.state_dict().items() if key.startswith("decoder.")}
    save_file(weights, here / f"{name}.safetensors")
    save_file({"latents": latents[0].permute(0, 2, 3, 1).contiguous(), "video": video[0].permute(0, 2, 3, 1).contiguous()},
              here / f"{name}-expected.safetensors")
    if patch == 1:
        torch.save(weights, here / f"{name}.pth")


if __name__ == "__main__":
    source = Path(sys.argv[1]).read_text()
    record("wan-2.1", source, 1, 16)
    record("wan-2.2", source, 2, 24)
