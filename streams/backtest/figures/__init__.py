"""Figures of a backtest, computed from its cases: metrics of each method with confidence intervals."""
