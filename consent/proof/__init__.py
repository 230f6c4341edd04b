"""Proof for a stranger: the hash chain, the Merkle tree over it, signed checkpoints, receipts, and an offline verifier.

Needs the standard library and `cryptography`, nothing else: whoever checks us should not have to install us.
The formats are written down in docs/formats/ledger.md.
"""
