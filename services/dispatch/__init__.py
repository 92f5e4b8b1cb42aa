"""Dispatch: who goes where and when, what they did there, what it cost, and the parts they needed.

Owns engineers and their rosters, work orders and visits, visit programmes, service reports, phone duty, trips and
expense claims, spare parts, stock and supplier claims. It files facts (late, refused, left without reporting, phone
unanswered); whether one is anybody's fault is decided elsewhere (penalties). Customers, products and tickets are
tickets', known here from its events.
"""
