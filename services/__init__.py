"""The services. Each has its own log; none imports another."""
