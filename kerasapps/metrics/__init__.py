"""What is measured of a trained model beyond its loss, over all rows at once."""
