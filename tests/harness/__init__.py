"""Black-box harness: starts a whole Lockstock in a directory of its own, on free ports, and talks to
it as its users do. Standard library only."""
