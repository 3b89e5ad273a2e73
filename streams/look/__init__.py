"""Looking: profiles, changes, anomalies and refusals as a person reads them."""
