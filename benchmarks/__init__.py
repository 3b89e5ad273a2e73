"""What Liveprofile costs: each module measures one thing and gives figures as a dictionary."""
