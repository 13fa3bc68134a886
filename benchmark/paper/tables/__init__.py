"""What the cells of tables hold: one file for each way in which they are measured."""
