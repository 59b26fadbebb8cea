"""Which chapters must run, running them, and what they stand on."""
