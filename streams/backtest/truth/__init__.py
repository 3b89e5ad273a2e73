"""The labels of a backtest: what shoppers did after the prediction."""
