"""A backtest task: what it is given, and the cases it returns."""
