"""What is shipped of the miniature for those who explain its pictures."""
