"""The blind act: explainers see pixels and prompts, and nothing else."""
