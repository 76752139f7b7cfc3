//! Names: what a name is made of, and how two names compare.
