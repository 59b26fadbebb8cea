"""The engine beside its peers: the same network, data, batches and optimizer, in one run."""
