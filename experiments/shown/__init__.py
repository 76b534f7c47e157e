"""Tables and pages of the documentation, written from recorded figures and from declarations."""
