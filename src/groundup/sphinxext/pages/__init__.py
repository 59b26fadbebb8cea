"""What a page looks like, says of itself and links to."""
