"""The door of the house: what is given to a handler, how a page is rendered, how a refusal is said."""
