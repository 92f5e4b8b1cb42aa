"""Penalties: what follows when a promise was broken, decided fairly and provably (4.1–4.7, D6–D16).

Owns the penalty policy and its versions, the facts that other services' events tell, suspicions and penalties with
their due process, engineers' records of demerits, the ledger, and what goes to the payroll. Detectors propose, people
decide. Whether something was late or unanswered is found elsewhere (dispatch, tickets).
"""
