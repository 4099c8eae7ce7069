//! `fullsource schema`: the JSON Schemas of the format, from the types themselves.

use std::process::ExitCode;

use crate::cli::{Schema, SchemaName};
use crate::exit::{Exit, Failure};
use crate::output;

pub(crate) fn run(args: &Schema) -> Result<ExitCode, Failure> {
    let schema = match args.name {
        SchemaName::Manifest => fullsource_verify::schema::manifest(),
        SchemaName::Statement => fullsource_verify::schema::statement(),
        SchemaName::Evidence => fullsource_verify::schema::evidence(),
        SchemaName::Rebuild => fullsource_verify::schema::rebuild(),
        SchemaName::Report => fullsource_verify::schema::report(),
        SchemaName::Diff => fullsource_verify::schema::diff(),
        SchemaName::Policy => fullsource_verify::schema::policy(),
    };
    output::print(format!("{schema:#}\n").as_bytes())?;
    Ok(Exit::Done.into())
}
