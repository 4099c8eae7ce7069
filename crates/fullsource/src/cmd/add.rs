//! `fullsource add`

mod edit;
mod forge;
mod layout;
mod place;
mod resolve;
mod url;
