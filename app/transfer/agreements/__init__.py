"""Agreements 协作机制: what the office has agreed with others, with whom, for which matters, until when.

For those who keep the list of organisations; owns `agreement` and `agreement_party`.
"""
