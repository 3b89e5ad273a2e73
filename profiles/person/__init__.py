"""A person: the rows of its identifiers, composed; no row is ever merged."""
