"""A second implementation of the REST contract, to compare the server's answers with."""
