"""What is measured of a trained model beyond its loss, in NumPy."""
