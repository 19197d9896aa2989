"""Records what diffusers 0.42.1 and peft 0.21 make of LoRAs in the three spellings that are in use: for each a LoRA of
random numbers, and one call of the transformer of `parity/clip-first` that it was merged into.

    python record.py
"""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import UniPCMultistepScheduler, WanImageToVideoPipeline, WanTransformer3DModel
from safetensors.torch import load_file, save_file
from torch import Tensor

here = Path(__file__).resolve().parent
model = here.parent / "parity" / "clip-first" / "model"
recorded = load_file(here.parent / "parity" / "clip-first" / "case.safetensors")
generator = torch.Generator().manual_seed(40)

attention = {"to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "o"}
blocks = {f"attn1.{ours}": f"self_attn.{theirs}" for ours, theirs in attention.items()}
blocks |= {f"attn2.{ours}": f"cross_attn.{theirs}" for ours, theirs in attention.items()}
blocks |= {"ffn.net.0.proj": "ffn.0", "ffn.net.2": "ffn.2"}
pictures = {"attn2.add_k_proj": "cross_attn.k_img", "attn2.add_v_proj": "cross_attn.v_img"}
outside = {
    "condition_embedder.text_embedder.linear_1": "text_embedding.0",
    "condition_embedder.text_embedder.linear_2": "text_embedding.2",
    "condition_embedder.time_embedder.linear_1": "time_embedding.0",
    "condition_embedder.time_embedder.linear_2": "time_embedding.2",
    "condition_embedder.time_proj": "time_projection.1", "proj_out": "head.head",
    "condition_embedder.image_embedder.ff.net.0.proj": "img_emb.proj.1",
    "condition_embedder.image_embedder.ff.net.2": "img_emb.proj.3"}


def transformer() -> WanTransformer3DModel:
    return WanTransformer3DModel.from_pretrained(model / "transformer").eval()


def matrices(layer: str, rank: int) -> tuple[Tensor, Tensor]:
    """Down and up: [rank, inputs], [outputs, rank]."""
    (outputs, inputs) = weights[f"{layer}.weight"].shape
    return (
        torch.randn(rank, inputs, generator=generator) / inputs ** 0.5, torch.randn(outputs, rank, generator=generator) / 2)


weights = transformer().state_dict()


def peft_names() -> tuple[dict[str, Tensor], dict[str, str]]:
    """diffusers' own spelling; alpha stands in the metadata."""
    tensors = {}
    for block in range(2):
        for layer in [*blocks, *pictures]:
            name = f"blocks.{block}.{layer}"
            (down, up) = matrices(name, 3)
            tensors |= {f"transformer.{name}.lora_A.weight": down, f"transformer.{name}.lora_B.weight": up}
    metadata = ('{"transformer.r": 3, "transformer.lora_alpha": 6, '
                '"transformer.target_modules": ["to_q", "to_k", "to_v", "to_out.0", "net.0.proj", "net.2", "add_k_proj", '
                '"add_v_proj"]}')
    return tensors, {"lora_adapter_metadata": metadata, "format": "pt"}


def kohya_names() -> tuple[dict[str, Tensor], dict[str, str]]:
    """Underscores, and an alpha beside every layer."""
    tensors = {}
    for block in range(2):
        for ours, theirs in (blocks | pictures).items():
            (down, up) = matrices(f"blocks.{block}.{ours}", 2)
            name = f"lora_unet_blocks_{block}_" + theirs.replace(".", "_")
            tensors |= {
                f"{name}.lora_down.weight": down, f"{name}.lora_up.weight": up, f"{name}.alpha": torch.tensor(1.5)}
    return tensors, {"ss_network_dim": "2"}


def original_names() -> tuple[dict[str, Tensor], dict[str, str]]:
    """The spelling of Wan's own code, half precision, layers outside the blocks, and differences of biases."""
    tensors = {}
    names = {f"blocks.{block}.{ours}": f"blocks.{block}.{theirs}" for block in range(2) for ours, theirs in blocks.items()}
    for ours, theirs in (names | outside).items():
        (down, up) = matrices(ours, 2)
        bias = torch.randn(weights[f"{ours}.bias"].shape, generator=generator) / 4
        name = f"diffusion_model.{theirs}"
        tensors |= {
            f"{name}.lora_down.weight": down.half(), f"{name}.lora_up.weight": up.half(), f"{name}.diff_b": bias.half()}
    return tensors, {}


@torch.no_grad()
def record(name: str, tensors: dict[str, Tensor], metadata: dict[str, str], strength: float) -> None:
    path = here / f"{name}.safetensors"
    save_file({key: value.contiguous() for key, value in tensors.items()}, path, metadata or None)
    pipeline = WanImageToVideoPipeline(
        tokenizer=None, text_encoder=None, vae=None, scheduler=UniPCMultistepScheduler(), transformer=transformer(),
        image_encoder=None, image_processor=None)
    pipeline.load_lora_weights(path, adapter_name="added")
    pipeline.fuse_lora(lora_scale=strength, adapter_names=["added"])
    inputs = {
        key.removeprefix("call0.transformer.in."): value for key, value in recorded.items()
        if key.startswith("call0.transformer.in.")}
    before = transformer()(**inputs, return_dict=False)[0]
    after = pipeline.transformer(**inputs, return_dict=False)[0]
    print(name, "moved the result by", ((after - before).abs().max() / before.abs().max()).item())
    case = {f"call0.transformer.in.{key}": value for key, value in inputs.items()} | {"call0.transformer.out": after}
    save_file({key: value.contiguous() for key, value in case.items()}, here / f"{name}-case.safetensors", {
        "prompt": "", "negative_prompt": "", "guidance_scale": "1.0", "num_inference_steps": "1", "num_frames": "5",
        "height": "32", "width": "48", "max_sequence_length": "512", "lora_strength": str(strength)})


if __name__ == "__main__":
    record("peft", *peft_names(), strength=0.8)
    record("kohya", *kohya_names(), strength=1.0)
    record("original", *original_names(), strength=-0.5)
