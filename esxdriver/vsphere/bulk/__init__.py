"""Reads of many virtual machines at once."""
