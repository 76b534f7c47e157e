"""What the line of training tells its calls to, one file each; see kerasapps.engine.listeners."""
