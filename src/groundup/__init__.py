"""Deep Learning from the Ground Up: the code behind the book."""
