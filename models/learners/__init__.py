"""Online learners: the learn stage updates them with every example; all have the same interface."""
