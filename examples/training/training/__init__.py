"""Trains Reelwright's embedded model, its upscaler and its judge on scenes that are drawn, not collected."""
