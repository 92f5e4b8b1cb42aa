"""Events pushed to integrators: what waits for whom, how it is sent, what became of it; all beside the log."""
