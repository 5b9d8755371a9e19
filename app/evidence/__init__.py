"""Photos and files as evidence 证据材料: untouched originals, digests, derivatives, what a photo says.

Screens: photos on every page that shows them. Tables: blob, evidence_item, derivative.
"""
