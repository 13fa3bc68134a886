"""Whether an entry keeps the rules; what was submitted is read as bytes and never run."""
