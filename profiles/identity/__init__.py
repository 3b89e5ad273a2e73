"""Who is who: identifiers, links between them, and the pure function that makes persons of them."""
