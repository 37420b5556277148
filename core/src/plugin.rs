//! The boundary to plug-ins: the project as they see it, and what they say checked before it counts.
