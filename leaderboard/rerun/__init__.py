"""Running a submitted package again, where it finds nothing but the pixels that it is shown."""
