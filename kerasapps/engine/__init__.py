"""The compiled part of training: gradients, plans of execution, programs, state, the loop that calls them."""
