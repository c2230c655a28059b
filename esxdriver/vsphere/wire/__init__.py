"""Bytes to objects and back: connections, SOAP, sessions, faults."""
