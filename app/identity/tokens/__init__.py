"""Tokens for machines of agencies: bound to one contact's account and to scopes, kept as digests, rotated and revoked."""
