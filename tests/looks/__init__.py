"""Looking at every page in every way people see it: contact sheets, and what a machine can judge of a look."""
