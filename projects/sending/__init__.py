"""Who gets a message, shown before it is sent, with the message itself and a line of the sender's own;
afterwards who was sent it. Each page that sends says who, with which message, and what happens then."""
