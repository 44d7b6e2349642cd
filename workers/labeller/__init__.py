"""Which texts of a page are its article: the tree in one pass, features, learnt weights, blocks."""
