"""A backtest for people: tables for the terminal, and a report in Markdown with plots."""
