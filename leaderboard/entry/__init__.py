"""What an entry is: its files, their schema, and the strict reading of what strangers wrote."""
