"""The board as a value: a pure function of the ledger and the entries, in as many formats as people want."""
