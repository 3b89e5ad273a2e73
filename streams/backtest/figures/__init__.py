"""Figures of a backtest, made from its cases: how good each method is, and how sure that is."""
