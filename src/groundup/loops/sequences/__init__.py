"""Training loops of Part IV."""
