"""Reporting: what the company sees of itself, made of the other services' events and of nothing else.

It owns no facts. Its views are kept by events that come over NATS, can be rebuilt at any time, and are never edited.
The first is the ticket board: which requests are open, how much is left of the 24 hours of each (3.4a), and what every
day brought.
"""
