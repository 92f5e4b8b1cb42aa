"""Tickets: what customers ask for, from the first call to the archived case file.

Owns the register of calls and letters, tickets with their 24-hour answer clock, coverage, quotes, complaints, surveys
and case files, and the reference data of customers, sites, products, lots and installed units. It asks dispatch for
work orders and hears of their verification; it punishes nobody (penalties does) and counts nothing (reporting does).
"""
