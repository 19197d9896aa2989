"""Tokenizer and text encoder."""

import random

import scenes as drawing
import torch
from training.settings import Settings
from training.text import END, PAD, SPECIAL, build_encoder, build_tokenizer, embed, tokens, words


def test_captions_have_no_unknown_words_and_fit():
    tokenizer = build_tokenizer(words(2000))
    generator = random.Random(3)
    unknown = SPECIAL.index("<unk>")
    texts = [drawing.caption(drawing.sample(generator), generator) for _ in range(300)]
    encoded = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    assert sum(unknown in ids for ids in encoded) <= 3
    assert max(len(ids) for ids in encoded) <= 64


def test_unknown_runs_are_one_piece_and_texts_end():
    tokenizer = build_tokenizer(["a", "red", "can"])
    ids = tokens(tokenizer, ["A  red zeppelin, can", ""], 8)
    assert ids[1].tolist() == [END] + [PAD] * 7
    pieces = [tokenizer.id_to_token(i) for i in ids[0].tolist()]
    assert pieces[:2] == ["▁a", "▁red"] and "▁can" in pieces and pieces.count("<unk>") == 1


def test_long_texts_keep_their_end():
    assert tokens(build_tokenizer(["a"]), ["a " * 50], 8)[0, -1] == END


def test_embeddings_are_zero_past_the_text(settings):
    encoder = build_encoder(settings, 20).eval()
    hidden = embed(encoder, torch.tensor([[4, 5, END, PAD, PAD]]))
    assert hidden[0, 3:].abs().max() == 0 and hidden[0, :3].abs().min() > 0
    longer = embed(encoder, torch.tensor([[4, 5, END] + [PAD] * 9]))
    torch.testing.assert_close(hidden[:, :3], longer[:, :3])


def test_a_fresh_encoder_tells_apart_what_belongs_to_what():
    tokenizer = build_tokenizer(words())
    encoder = build_encoder(Settings(), tokenizer.get_vocab_size()).eval()
    ids = tokens(tokenizer, ["a grey candle, in a blue studio", "a blue candle, in a grey studio"], 12)
    grey = tokenizer.token_to_id("▁grey")
    first, second = embed(encoder, ids)  # [L, d] each
    candle = first[ids[0].tolist().index(grey)]  # [d], the grey of the candle
    studio = second[ids[1].tolist().index(grey)]
    assert torch.cosine_similarity(candle, studio, dim=0) < 0.98
