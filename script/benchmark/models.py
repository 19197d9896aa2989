"""A model's parts by `reel models measure` and by diffusers on the same weights, in turns: models.py THREADS REEL
DIRECTORY DIRECTORY_WITH_A_SMALL_TEXT_ENCODER [--json]."""

import json
import statistics
import subprocess
import sys
import time
import warnings

import torch
from diffusers import AutoencoderKLWan, WanTransformer3DModel
from transformers import UMT5EncoderModel

warnings.filterwarnings("ignore")
ROUNDS = 3
WIDTH, HEIGHT, FRAMES, TOKENS = 256, 256, 17, 64
TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


def ours(reel, threads, directory, part, precision):
    words = [reel, "models", "measure", directory, "--part", part, "--precision", precision, "--json",
             "--size", f"{WIDTH}x{HEIGHT}", "--frames", str(FRAMES), "--tokens", str(TOKENS), "--runs", "2",
             "--threads", str(threads)]
    return json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)[0]


def theirs(directory, part, precision):
    """The part as diffusers has it, as a function that does it once: prompts are padded to 512 tokens there."""
    kind = TYPES[precision]
    latents = torch.randn(1, 16, 1 + (FRAMES - 1) // 4, HEIGHT // 8, WIDTH // 8, dtype=kind)
    if part == "denoising-step":
        model = WanTransformer3DModel.from_pretrained(directory, subfolder="transformer", torch_dtype=kind)
        prompt = torch.randn(1, 512, 4096, dtype=kind)
        return lambda: model(latents, torch.tensor([500.0]), prompt, return_dict=False)
    if part == "decoder":
        model = AutoencoderKLWan.from_pretrained(directory, subfolder="vae", torch_dtype=kind)
        return lambda: model.decode(latents, return_dict=False)
    model = UMT5EncoderModel.from_pretrained(directory, subfolder="text_encoder", torch_dtype=torch.bfloat16)
    tokens = torch.zeros(1, 512, dtype=torch.long)
    tokens[0, :TOKENS] = torch.arange(TOKENS) + 3
    return lambda: model(tokens, (tokens > 0).long())


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@torch.inference_mode()
def compared(reel, threads, directory, part, precision):
    work = theirs(directory, part, precision)
    work()
    pairs = [(ours(reel, threads, directory, part, precision), seconds(work)) for _ in range(ROUNDS)]
    own = statistics.median(pair[0]["seconds"] for pair in pairs)
    other = statistics.median(pair[1] for pair in pairs)
    return {"part": part, "precision": precision, "seconds": own, "diffusers_seconds": other,
            "ratio": other / own, "peak_bytes": max(pair[0]["peak_bytes"] for pair in pairs)}


def main():
    threads, reel, directory, small, *options = sys.argv[1:]
    threads = int(threads)
    torch.set_num_threads(threads)
    cases = [("denoising-step", "fp32", directory), ("denoising-step", "bf16", directory),
             ("decoder", "fp32", directory), ("text-encoder", "bf16", small)]
    rows = []
    if "--json" not in options:
        print(f"{WIDTH}x{HEIGHT}, {FRAMES} frames, {TOKENS} tokens, {threads} threads, PyTorch {torch.__version__}")
        print(f"{'part':16}{'precision':>10}{'seconds':>10}{'diffusers':>11}{'times as fast':>15}{'peak GB':>9}")
    for part, precision, model in cases:
        row = compared(reel, threads, model, part, precision)
        rows.append(row)
        if "--json" not in options:
            print(f"{part:16}{precision:>10}{row['seconds']:10.2f}{row['diffusers_seconds']:11.2f}"
                  f"{row['ratio']:15.2f}{row['peak_bytes'] / 1e9:9.1f}", flush=True)
    if "--json" in options:
        print(json.dumps(rows, indent=2))


main()
