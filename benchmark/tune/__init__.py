"""What is tuned, on development aspects and seeds alone: `python -m benchmark tune`."""
