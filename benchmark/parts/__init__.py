"""The parts that a run is built from, and the identity of each."""
