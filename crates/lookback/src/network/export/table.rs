//! CSV (RFC 4180): one row for each observation and relation, its columns named as in the journal.

use std::io::{self, Write};

use model::PartialDate;

use crate::network::{Drawing, ObservationEdge, RelationEdge};

const COLUMNS: [&str; 13] = [
    "type",
    "id",
    "subject",
    "subject_name",
    "relation",
    "kind",
    "value",
    "object",
    "object_name",
    "valid_from",
    "valid_to",
    "source",
    "grade",
];

pub(super) fn write(drawing: &Drawing, out: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(COLUMNS).map_err(io_error)?;
    let observations = drawing.observations.iter().map(of_observation);
    let mut rows = observations.chain(drawing.relations.iter().map(of_relation));
    rows.try_for_each(|row| table.write_record(row)).map_err(io_error)?;
    table.flush()
}

/// The error itself: whoever writes to a pipe wants to know that its reader went away.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn of_observation(edge: &ObservationEdge) -> [String; COLUMNS.len()] {
    let ObservationEdge { subject, attribute, observed } = edge;
    [
        "observation".to_owned(),
        observed.id.clone(),
        subject.id.to_string(),
        subject.caption.clone().unwrap_or_default(),
        observed.relation.to_owned(),
        attribute.kind.clone(),
        attribute.value.clone(),
        String::new(),
        String::new(),
        day(observed.valid_from),
        day(observed.valid_to),
        observed.source.clone().unwrap_or_default(),
        observed.grade.clone().unwrap_or_default(),
    ]
}

fn of_relation(edge: &RelationEdge) -> [String; COLUMNS.len()] {
    [
        "relation".to_owned(),
        edge.record.to_string(),
        edge.from.id.to_string(),
        edge.from.caption.clone().unwrap_or_default(),
        edge.schema.to_owned(),
        String::new(),
        String::new(),
        edge.to.id.to_string(),
        edge.to.caption.clone().unwrap_or_default(),
        day(edge.valid_from),
        day(edge.valid_to),
        edge.source.clone().unwrap_or_default(),
        edge.grade.clone().unwrap_or_default(),
    ]
}

fn day(date: Option<PartialDate>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}
