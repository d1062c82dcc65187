"""Pages that need no other file: pieces of HTML, drawings, and one style for all of them."""
