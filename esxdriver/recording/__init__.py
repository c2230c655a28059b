"""Cassettes: real sessions with a host, recorded once and replayed anywhere."""
