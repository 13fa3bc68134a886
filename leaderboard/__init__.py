"""Where explainers from elsewhere will be entered and verified; it needs no torch. No entries are accepted yet."""
