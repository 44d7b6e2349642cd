"""What kind of page it is: numbers of a page, and the weights learnt for them."""
