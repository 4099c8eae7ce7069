//! The report as test results in JUnit's XML, as Jenkins, GitLab and others read them.
//!
//! Many readers count a skipped case as good. So what could not be established is an error wherever the
//! verdict is no pass, and the verdict is a case of its own (`rep-15`).

mod suites;

use std::io;

use fullsource_verify::finding::Code;
use fullsource_verify::report::Report;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::escape::shown;
use super::origin::Origin;
use crate::exit::Failure;
use suites::{Case, Outcome, Suite};

/// The whole document. A report has no time of its own, and is the same whenever it is shown.
pub(super) fn report(report: &Report, origin: &Origin) -> Result<String, Failure> {
    let refused = |error| Failure::of(Code::TargetUnreadable, error);
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    written(&suites::of(report, origin), report.verdict().as_str(), &mut writer)
        .map_err(refused)?;
    let mut text = String::from_utf8_lossy(&writer.into_inner()).into_owned();
    text.push('\n');
    Ok(text)
}

type Xml = Writer<Vec<u8>>;

fn written(suites: &[Suite], verdict: &str, to: &mut Xml) -> io::Result<()> {
    to.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    to.create_element("testsuites").write_inner_content(|to| {
        let mut numbered = suites.iter().enumerate();
        numbered.try_for_each(|(nth, suite)| suite_written(nth, suite, verdict, to))
    })?;
    Ok(())
}

fn suite_written(nth: usize, suite: &Suite, verdict: &str, to: &mut Xml) -> io::Result<()> {
    let count = |is: fn(&Outcome) -> bool| {
        suite.cases.iter().filter(|c| is(&c.outcome)).count().to_string()
    };
    to.create_element("testsuite")
        .with_attribute(("package", "fullsource"))
        .with_attribute(("id", nth.to_string().as_str()))
        .with_attribute(("name", suite.name))
        .with_attribute(("timestamp", "1970-01-01T00:00:00"))
        .with_attribute(("hostname", "localhost"))
        .with_attribute(("tests", suite.cases.len().to_string().as_str()))
        .with_attribute(("failures", count(|o| matches!(o, Outcome::Failure { .. })).as_str()))
        .with_attribute(("errors", count(|o| matches!(o, Outcome::Error { .. })).as_str()))
        .with_attribute(("time", "0"))
        .write_inner_content(|to| {
            to.create_element("properties").write_inner_content(|to| {
                let property = to.create_element("property").with_attribute(("name", "verdict"));
                property.with_attribute(("value", verdict)).write_empty().map(drop)
            })?;
            suite.cases.iter().try_for_each(|case| case_written(suite.name, case, to))?;
            let said: Vec<_> = suite.said.iter().map(|line| in_xml(line)).collect();
            to.create_element("system-out").write_text_content(BytesText::new(&said.join("\n")))?;
            to.create_element("system-err").write_empty()?;
            Ok(())
        })?;
    Ok(())
}

fn case_written(suite: &str, case: &Case, to: &mut Xml) -> io::Result<()> {
    let (name, class) = (in_xml(&case.name), format!("fullsource.{suite}"));
    let element = to.create_element("testcase");
    let element = element
        .with_attribute(("name", name.as_str()))
        .with_attribute(("classname", class.as_str()))
        .with_attribute(("time", "0"));
    let (tag, kind, lines) = match &case.outcome {
        Outcome::Pass => return element.write_empty().map(drop),
        Outcome::Skipped(why) => {
            let why = in_xml(why);
            let skipped = |to: &mut Xml| {
                to.create_element("skipped").write_text_content(BytesText::new(&why)).map(drop)
            };
            return element.write_inner_content(skipped).map(drop);
        }
        Outcome::Failure { kind, lines } => ("failure", kind, lines),
        Outcome::Error { kind, lines } => ("error", kind, lines),
    };
    let lines: Vec<_> = lines.iter().map(|line| in_xml(line)).collect();
    let message = lines.first().map_or("", String::as_str);
    element.write_inner_content(|to| {
        to.create_element(tag)
            .with_attribute(("message", message))
            .with_attribute(("type", *kind))
            .write_text_content(BytesText::new(&lines.join("\n")))?;
        Ok(())
    })?;
    Ok(())
}

/// A text without what XML 1.0 cannot hold, and without line ends of its own.
fn in_xml(text: &str) -> String {
    let text = shown(text);
    text.replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}")
}
