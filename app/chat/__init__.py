"""The chat beside the show: what may be said, by whom under which name, and how a host takes it away."""
