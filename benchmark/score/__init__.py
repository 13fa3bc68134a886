"""From records to scores."""
