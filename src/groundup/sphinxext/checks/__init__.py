"""What must be true of a page."""
