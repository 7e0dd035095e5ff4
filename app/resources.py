"""What a web process holds while it runs: each resource is acquired, yielded and released in one function."""
