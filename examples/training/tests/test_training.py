"""Every training for a moment, then export, the stock pipeline, and evaluation."""

import json

import pytest
import torch
from training.__main__ import main
from training.sampling import Model


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoint")
    main(["all", "--rehearse", "--minutes", "0.4", "--device", "cpu", "--checkpoint", str(folder), "--output",
          str(folder / "out"), "--prompts", "4", "--threads", "2"])
    return folder


def test_leaves_every_checkpoint_and_export(trained):
    names = {path.name for path in trained.glob("*.pt")}
    assert {"vae.pt", "transformer.pt", "upscaler-x2.pt", "upscaler-x4.pt", "classifier-stills.pt"} <= names
    assert (trained / "out" / "upscaler-x2.safetensors").exists() and (trained / "out" / "first-last.safetensors").exists()
    declaration = json.loads((trained / "out" / "model" / "reel.json").read_text())
    slots = [clause for clause in declaration["captions"]["clauses"] if "{" in clause]
    assert len(slots) == 4 and declaration["frames"] == 9


def test_resumes(trained, capsys):
    main(["upscaler", "--rehearse", "--minutes", "0.02", "--device", "cpu", "--checkpoint", str(trained)])
    assert "goes on after" in capsys.readouterr().out
    before = torch.load(trained / "upscaler-x2.pt", weights_only=True)["steps"]
    assert before > 0


def test_the_decoder_can_be_trained_alone(trained):
    before = torch.load(trained / "vae.pt", weights_only=True)["average"]
    statistics = (trained / "vae-statistics.json").read_bytes()
    main(["vae", "--decoder", "--rehearse", "--minutes", "0.05", "--device", "cpu", "--checkpoint", str(trained)])
    after = torch.load(trained / "vae.pt", weights_only=True)["average"]
    changed = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"decoder", "post_quant_conv"}
    assert (trained / "vae-statistics.json").read_bytes() == statistics


def test_sampler_agrees_with_the_stock_pipeline(trained):
    from PIL import Image
    from training.recording import load_pipeline

    pytest.importorskip("ftfy")
    pipeline = load_pipeline(trained / "out" / "model")
    pipeline.set_progress_bar_config(disable=True)
    model = Model.of(trained / "out" / "model", "cpu")
    first = (torch.rand(32, 48, 3) * 255).to(torch.uint8)
    noise = torch.randn(1, model.autoencoder.config.z_dim, 2, 4, 6)
    stock = pipeline(
        image=Image.fromarray(first.numpy()), prompt="a red can", negative_prompt="", height=32, width=48, num_frames=5,
        num_inference_steps=3, guidance_scale=2.0, latents=noise.clone(), max_sequence_length=64, output_type="np",
    ).frames[0]
    import training.sampling as sampling
    from contextlib import nullcontext

    exact, sampling.mixed_precision = sampling.mixed_precision, lambda _: nullcontext()
    try:
        ours = model.sample(
            ["a red can"], 5, 32, 48, steps=3, guidance=2.0, known={0: first[None].float() / 255}, noise=noise)
    finally:
        sampling.mixed_precision = exact
    torch.testing.assert_close(ours[0], torch.as_tensor(stock), atol=1e-4, rtol=0)
