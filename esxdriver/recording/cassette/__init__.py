"""The files of recorded sessions: what they hold, how a call finds its answer."""
