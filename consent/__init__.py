"""Consent: who agreed to what, and whether a message may leave. A leaf: it imports nothing of gateway."""
