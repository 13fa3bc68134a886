"""Truth certification: whether a model shows as much of each aspect as its level says, by arithmetic on pixels."""
