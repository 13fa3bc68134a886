"""The static pages of the board: they work from a disk, need no server and load nothing from elsewhere."""
