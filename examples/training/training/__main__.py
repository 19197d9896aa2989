"""The command line: one command for each thing that is trained, measured or written."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import torch

from .settings import Load, Settings

COMMANDS = {
    "data": "draw examples into shards on disk, going on after those that are there",
    "vae": "train the video autoencoder",
    "transformer": "train the diffusion transformer and its text encoder",
    "upscaler": "train the upscaler",
    "classifier": "train the judge that tells what a still or clip shows",
    "export": "write the model as a diffusers directory, and the upscalers beside it",
    "evaluate": "measure the exported model; write figures and pictures",
    "all": "all of the above in one stretch of time",
    "adopt": "make checkpoints of what `export` wrote, to train on from it",
    "pack": "put what was exported into a few files of at most 15 MiB",
}


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, help_text in COMMANDS.items():
        command = commands.add_parser(name, help=help_text, description=help_text)
        command.add_argument("--minutes", type=float, default=10, help="how long it may take (default 10)")
        command.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
        command.add_argument("--checkpoint", type=Path, default=Path("checkpoints"), help="folder to resume from")
        command.add_argument("--data", type=Path, help="folder of shards (default: CHECKPOINT/data, on a CPU)")
        command.add_argument("--threads", type=int, default=os.cpu_count(), help="CPU threads")
        command.add_argument("--rehearse", action="store_true", help="everything tiny, to see that it runs")
        if name == "all":
            command.add_argument("--stages", help="only these, with commas between; the time is shared among them")
        if name == "vae":
            command.add_argument(
                "--decoder", action="store_true", help="train the decoder alone, so that latents stay what they are")
        if name == "upscaler":
            command.add_argument("--factor", type=int, choices=(2, 4), default=2)
        if name in ("export", "evaluate", "all", "adopt", "pack"):
            command.add_argument("--output", type=Path, default=Path("exported"), help="folder to write to")
        if name == "pack":
            command.add_argument("--parts", type=Path, default=Path("parts"), help="folder to write the files to")
        if name in ("evaluate", "all"):
            command.add_argument("--prompts", type=int, default=300)
        if name == "data":
            command.add_argument("--kinds", default="held-clips,held-pairs,held-stills,pairs,clips,stills")
            command.add_argument("--shard-size", type=int, default=8, help="clips in a shard")
            command.add_argument("--worker", type=int, default=0, help="number of this process, where several draw")
            command.add_argument("--workers", type=int, default=1, help="how many draw")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    if options.device.startswith("cuda"):
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True
    settings = Settings.rehearsal() if options.rehearse else Settings()
    load = Load.of(options.device, options.rehearse)
    from .commands import BODIES  # imports diffusers, which `--help` need not wait for
    BODIES[options.command](options, settings, load)


if __name__ == "__main__":
    main(sys.argv[1:])
