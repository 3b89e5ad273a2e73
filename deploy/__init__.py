"""What runs Liveprofile elsewhere: a Helm chart, alert rules, dashboards, and the programs that write their parts."""
