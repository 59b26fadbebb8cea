"""Training loops of Part I."""
