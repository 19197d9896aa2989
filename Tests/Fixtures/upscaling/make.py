# Writes small upscalers as PyTorch saves them, and what PyTorch makes of one picture with each: expected.safetensors.
# Made with torch 2.13.0 and safetensors; run it anywhere.
import os

import torch
from safetensors.torch import save_file
from torch import nn

FOLDER = os.path.dirname(os.path.abspath(__file__))


class SRVGGNetCompact(nn.Module):
    """The network of Real-ESRGAN (Wang et al. 2021), under the names that its published weights have."""

    def __init__(self, features, convolutions, scale):
        super().__init__()
        self.scale = scale
        layers = [nn.Conv2d(3, features, 3, 1, 1), nn.PReLU(num_parameters=features)]
        for _ in range(convolutions):
            layers += [nn.Conv2d(features, features, 3, 1, 1), nn.PReLU(num_parameters=features)]
        self.body = nn.ModuleList(layers + [nn.Conv2d(features, 3 * scale * scale, 3, 1, 1)])
        for layer in self.body[1::2]:
            nn.init.uniform_(layer.weight, -0.3, 0.6)

    def forward(self, x):
        out = x
        for layer in self.body:
            out = layer(out)
        return nn.functional.pixel_shuffle(out, self.scale) + nn.functional.interpolate(
            x, scale_factor=self.scale, mode="nearest")


def save(value, name, **options):
    torch.save(value, f"{FOLDER}/{name}.pth", **options)


torch.manual_seed(1)
picture = torch.rand(1, 3, 11, 13)
expected = {"input": picture[0].permute(1, 2, 0).contiguous()}


def record(name, model):
    with torch.no_grad():
        expected[name] = model.float()(picture)[0].permute(1, 2, 0).contiguous()


x2 = SRVGGNetCompact(features=8, convolutions=2, scale=2)
save(x2.state_dict(), "plain")
record("plain", x2)

# As training leaves it: other values stand beside the weights.
optimizer = torch.optim.Adam(x2.parameters())
save({"params_ema": x2.state_dict(), "params": SRVGGNetCompact(4, 1, 2).state_dict(), "iteration": 70000,
      "rate": 1e-4, "name": "tiny", "done": False, "losses": [0.5, None, 2 ** 40],
      "optimizer": optimizer.state_dict()}, "checkpoint")
record("checkpoint", x2)

# Weights that lie in memory as their windows, not as they are read.
save(x2.to(memory_format=torch.channels_last).state_dict(), "channels-last")
record("channels-last", x2)

# Tensors that are parts of one storage.
flat = torch.cat([value.reshape(-1) for value in x2.state_dict().values()])
views, start = {}, 0
for name, value in x2.state_dict().items():
    views[name] = flat[start:start + value.numel()].view(value.shape)
    start += value.numel()
save({"params": views}, "shared")
record("shared", x2)

x4 = SRVGGNetCompact(features=19, convolutions=1, scale=4)
save({"params": x4.half().state_dict()}, "half")
record("half", x4)

x3 = SRVGGNetCompact(features=5, convolutions=0, scale=3)
save({"params": {"module." + name: value for name, value in x3.bfloat16().state_dict().items()}}, "bfloat16")
record("bfloat16", x3)

# What is refused: a file from before PyTorch 1.6, and a model that is saved as a whole with its class.
save(SRVGGNetCompact(2, 0, 2).state_dict(), "legacy", _use_new_zipfile_serialization=False)
save(SRVGGNetCompact(2, 0, 2), "whole")

save_file(expected, f"{FOLDER}/expected.safetensors")
