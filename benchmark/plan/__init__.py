"""What is asked, as values: trials, groups and the scenarios that plan them."""
