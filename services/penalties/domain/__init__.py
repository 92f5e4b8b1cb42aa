"""Pure: state, decisions, evolve; one file per lifecycle."""
