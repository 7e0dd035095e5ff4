"""Live video: ingest by WHIP, packaging as low-latency HLS on the media clock, and serving the files."""
