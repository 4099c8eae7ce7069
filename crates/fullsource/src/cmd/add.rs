//! `fullsource add`

mod edit;
mod layout;
