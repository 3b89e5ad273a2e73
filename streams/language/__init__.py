"""Messages in the languages of shops: templates, words and formats of numbers, and the choice of a language."""
