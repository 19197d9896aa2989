"""The tokenizer, whose pieces are the captions' words, and the text encoder that is trained with the transformer."""

from __future__ import annotations

import random
import re
from pathlib import Path

import scenes as drawing
import torch
from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram
from torch import Tensor
from transformers import UMT5Config, UMT5EncoderModel

from .checkpoint import replacing
from .settings import Settings

SPECIAL = ("<pad>", "</s>", "<s>", "<unk>")  # numbers 0 to 3
PAD, END = 0, 1
_MARKS = ",.;:!?"
_SPACE = "▁"
# Added to the logits of a neighbour: e⁶ = 403 against 1 for each of some fifteen other words.
NEXT_BIAS = 6.0


def words(captions: int = 6000) -> list[str]:
    """Every word that captions are made of: those of the vocabulary, and those that a caption adds."""
    generator = random.Random(20)
    texts = []
    for axis in drawing.VOCABULARY.values():
        for word, synonyms in axis.items():
            texts += [re.sub(r"{\w+}", " ", text) for text in (word, *synonyms)]
    for _ in range(captions):
        scene = drawing.sample(generator)
        texts += [drawing.caption(scene, generator), drawing.canonical(scene)]
    normalise = _normalizer().normalize_str
    return sorted({word.strip(_MARKS) for text in texts for word in normalise(text).split()} - {""})


def _normalizer() -> normalizers.Normalizer:
    return normalizers.Sequence([
        normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace(Regex(" {2,}"), " ")])


def build_tokenizer(known: list[str]) -> Tokenizer:
    """Pieces are whole words; a run of anything else becomes one `<unk>`."""
    pieces = [(piece, 0.0) for piece in SPECIAL]
    pieces += [(mark, -1.0) for mark in _MARKS]
    pieces += [(_SPACE + word, -1.0) for word in known]
    tokenizer = Tokenizer(Unigram(pieces, unk_id=SPECIAL.index("<unk>"), byte_fallback=False))
    tokenizer.normalizer = _normalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=_SPACE, prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace(replacement=_SPACE, prepend_scheme="always", split=True)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", END)])
    tokenizer.add_special_tokens(list(SPECIAL))
    return tokenizer


def tokenizer_of(folder: Path) -> Tokenizer:
    """The checkpoint's tokenizer, built when it is first wanted: the text encoder's rows depend on it."""
    path = folder / "tokenizer.json"
    if not path.exists():
        with replacing(path) as part:
            build_tokenizer(words()).save(str(part))
    return Tokenizer.from_file(str(path))


def tokens(tokenizer: Tokenizer, texts: list[str], length: int) -> Tensor:
    """int64 [B, length], padded with 0; longer texts keep their beginning and the end's mark."""
    rows = torch.full((len(texts), length), PAD, dtype=torch.int64)
    for row, encoding in enumerate(tokenizer.encode_batch(texts)):
        ids = encoding.ids
        if len(ids) > length:
            ids = ids[:length - 1] + [END]
        rows[row, :len(ids)] = torch.tensor(ids)
    return rows


def build_encoder(settings: Settings, vocabulary: int) -> UMT5EncoderModel:
    encoder = UMT5EncoderModel(UMT5Config(
        vocab_size=vocabulary, d_model=settings.text_width, d_kv=settings.text_head_width,
        d_ff=settings.text_feed_forward, num_heads=settings.text_heads, num_layers=settings.text_layers,
        num_decoder_layers=settings.text_layers, dropout_rate=0.0, pad_token_id=PAD, eos_token_id=END,
        decoder_start_token_id=PAD))
    look_at_neighbours(encoder)
    return encoder


@torch.no_grad()
def look_at_neighbours(encoder: UMT5EncoderModel) -> None:
    """Has the last two heads of each layer look at the word before and the word after, whatever they are.

    Started with biases near zero, attention learnt to go by words alone, and a caption stayed a bag of them: "a grey
    candle, in a blue studio" and "a blue candle, in a grey studio" were the same to the transformer.
    """
    for block in encoder.encoder.block:
        attention = block.layer[0].SelfAttention
        bias = attention.relative_attention_bias.weight  # [buckets, heads]
        after = bias.shape[0] // 2  # distances ahead have the second half of the buckets, each from 0 on
        for head, buckets in ((-2, (1, 2)), (-1, (after + 1, after + 2))):
            bias[buckets[0], head] = NEXT_BIAS
            bias[buckets[1], head] = NEXT_BIAS - 2


def embed(encoder: UMT5EncoderModel, ids: Tensor) -> Tensor:
    """[B, L, d] of ids [B, L]: zero past the true length, as Wan's pipelines make them."""
    mask = ids != PAD  # [B, L]
    hidden = encoder(input_ids=ids, attention_mask=mask.long()).last_hidden_state  # [B, L, d]
    return hidden * mask[..., None]
