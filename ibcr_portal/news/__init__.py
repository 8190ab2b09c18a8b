"""What is new for a person: recorded by others since they last marked the news as read."""
