"""PyTorch doing what script/bench asks for: a line in, a line out. `prepare KERNEL … THREADS`, then `run COUNT` any
number of times, which answers with the seconds of each run."""

import sys
import time
import warnings

import torch
import torch.nn.functional as F

warnings.filterwarnings("ignore")
TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


def linear(precision, rows, inputs, outputs):
    if precision == "int8":
        layer = torch.ao.quantization.quantize_dynamic(
            torch.nn.Sequential(torch.nn.Linear(inputs, outputs)), {torch.nn.Linear}, dtype=torch.qint8)
        x = torch.randn(rows, inputs)
        return lambda: layer(x)
    x, weight = (torch.randn(n, inputs, dtype=TYPES[precision]) for n in (rows, outputs))
    return lambda: F.linear(x, weight)


def attention(precision, tokens, heads, width):
    q, k, v = (torch.randn(1, heads, tokens, width, dtype=TYPES[precision]) for _ in range(3))
    return lambda: F.scaled_dot_product_attention(q, k, v)


def convolution(precision, frames, height, width, inputs, outputs, time_taps):
    """As diffusers has a causal convolution: the margin is filled up first. One frame of time is a plain conv2d."""
    if time_taps == 1:
        x = torch.randn(frames, inputs, height, width, dtype=TYPES[precision])
        weight = torch.randn(outputs, inputs, 3, 3, dtype=TYPES[precision])
        return lambda: F.conv2d(x, weight, padding=1)
    x = torch.randn(1, inputs, frames, height, width, dtype=TYPES[precision])
    weight = torch.randn(outputs, inputs, time_taps, 3, 3, dtype=TYPES[precision])
    return lambda: F.conv3d(F.pad(x, (1, 1, 1, 1, time_taps - 1, 0)), weight)


def rows(function):
    def prepare(rows, width):
        x, scale = torch.randn(rows, width), torch.randn(width)
        return lambda: function(x, scale, width)
    return prepare


def rotation(rows, width):
    """As diffusers' Wan turns queries and keys."""
    x, cosines, sines = (torch.randn(rows, width) for _ in range(3))

    def turn():
        even, odd = x.unflatten(-1, (-1, 2)).unbind(-1)
        out = torch.empty_like(x)
        out[..., 0::2] = even * cosines[..., 0::2] - odd * sines[..., 1::2]
        out[..., 1::2] = even * sines[..., 1::2] + odd * cosines[..., 0::2]
        return out
    return turn


KERNELS = {
    "linear": linear, "attention": attention, "convolution": convolution, "rotation": rotation,
    "modulated-norm": rows(lambda x, s, n: F.layer_norm(x, (n,), eps=1e-6) * (1 + s) + s),
    "rms-norm": rows(lambda x, s, n: F.rms_norm(x, (n,), s, 1e-6)),
    "channel-norm,-silu": rows(lambda x, s, n: F.silu(F.normalize(x, dim=-1) * n ** 0.5 * s)),
    "softmax": rows(lambda x, s, n: x.softmax(-1)),
    "gelu-tanh": rows(lambda x, s, n: F.gelu(x, approximate="tanh")),
}


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main():
    torch.manual_seed(1)
    print(torch.__version__, flush=True)
    work = None
    with torch.inference_mode():
        for line in sys.stdin:
            command, *words = line.split()
            if command == "prepare":
                kernel, *sizes, threads = words
                torch.set_num_threads(int(threads))
                work = KERNELS[kernel](*(int(size) if size.isdigit() else size for size in sizes))
                print("ready", flush=True)
            else:
                print(*(seconds(work) for _ in range(int(words[0]))), flush=True)


main()
