"""The interface of a backtest task: its input, and the cases it returns."""
