"""The rules of the tickets service, pure: one module per lifecycle, each a ``shared.decider.Decider``."""
