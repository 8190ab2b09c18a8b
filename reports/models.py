"""What is told of a project: reports, their frozen data, and the documents rendered from it."""
