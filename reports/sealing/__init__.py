"""The electronic seal of the portal on final documents (docs/rules/seal.md).

A worker that stores a document seals it: the signature is written behind the file as it was rendered,
whose bytes stay as they are. No other process reads the key.
"""
