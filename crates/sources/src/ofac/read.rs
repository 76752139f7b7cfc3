//! Reading a whole OFAC list, and reading its dated changes.
//!
//! In: the files of a list, or a file of changes, and what the dataset holds. Out: puts and deletes of entries and of the relations
//! between them. A whole list states every entry and relation; what it no longer states is for the caller to end.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use model::{DatasetName, Entity, KnownAt, Op};

use super::list::{OfacList, link, link_id};
use super::row::{EntryNumber, Row, additions, entity_id, read_number};
use super::{EVENTS_HEADER, Part};
use crate::detect::expect;
use crate::lines::Lines;
use crate::reason::{NOT_UTF8, TOO_LONG};
use crate::rows::{Fields, LineParser};
use crate::sink::Sink;
use crate::{
    Applied, Current, Each, File, FileError, Format, ReadError, Tally, delete_entity, is_reused_id,
    put_entity,
};

const GONE: &str = "no longer published";
const REUSED: &str = "the id was given to another party";

/// Reads a whole list. Where alt.csv or add.csv is not given, entries keep what they have of it. Of a part that is cut off, the rows
/// before the cut are read, and so is every other part.
pub fn read_snapshot<E>(
    sdn: &File,
    alt: Option<&File>,
    add: Option<&File>,
    dataset: &DatasetName,
    current: &dyn Current,
    each: Each<'_, E>,
) -> Result<Tally, ReadError<E>> {
    let parts = [(Some(sdn), Part::Entries), (alt, Part::Aliases), (add, Part::Addresses)];
    for (file, part) in parts {
        file.map_or(Ok(()), |file| expect_part(file, part))?;
    }
    let mut sink = Sink::new(sdn, each);
    let (mut snapshot, mut suspect) = (Snapshot::default(), None);
    for (file, part) in parts {
        match file {
            None => snapshot.keep(part, current),
            Some(file) => {
                let found = snapshot.read(file, part, &mut sink)?;
                suspect = suspect.or(found);
            }
        }
    }
    snapshot.hand_over(dataset, current, &mut sink)?;
    sink.finish(suspect.map_or(Ok(()), |error| Err(error.into())))
}

/// Properties that come from a part.
fn properties_of(part: Part) -> &'static [&'static str] {
    match part {
        Part::Entries => &[],
        Part::Aliases => &["alias", "previousName", "weakAlias"],
        Part::Addresses => &["address", "country"],
    }
}

fn expect_part(file: &File, part: Part) -> Result<(), FileError> {
    expect(file, Format::Ofac)?;
    match super::part(file)? {
        Some(found) if found == part => Ok(()),
        found => Err(FileError::NotThisFormat {
            file: file.name.clone(),
            expected: Format::Ofac,
            hint: match found {
                Some(found) => format!("it was given as {} and is {}", part.word(), found.word()),
                None => format!("none of its first rows is one of {}", part.word()),
            },
        }),
    }
}

/// The rows of a whole list, until all of them are known.
#[derive(Default)]
struct Snapshot {
    /// In the order of the file, one for each number.
    entries: Vec<(u64, EntryNumber, Entity)>,
    at: BTreeMap<EntryNumber, usize>,
}

impl Snapshot {
    /// Reads a part; what makes it suspect is handed back.
    fn read<E>(
        &mut self,
        file: &File,
        part: Part,
        sink: &mut Sink<'_, E>,
    ) -> Result<Option<FileError>, ReadError<E>> {
        sink.turn_to(file);
        let before = sink.rows();
        let read = each_line(file, part, sink, |line, bytes, parser, sink| {
            self.take(part, line, bytes, parser, sink)
        });
        match read {
            Ok(()) if sink.rows() == before => Ok(Some(FileError::Empty { file: file.name.clone() })),
            Ok(()) => Ok(None),
            Err(ReadError::File(error @ FileError::Truncated { .. })) => Ok(Some(error)),
            Err(error) => Err(error),
        }
    }

    fn take<E>(
        &mut self,
        part: Part,
        line: u64,
        bytes: &[u8],
        parser: &mut LineParser,
        sink: &mut Sink<'_, E>,
    ) -> Result<(), ReadError<E>> {
        let taken = read_row(part, bytes, parser).and_then(|row| match row {
            Row::Entry(number, entity) => self.enter(line, number, entity),
            Row::Addition(number, values) => self.add(number, &values),
        });
        match taken {
            Ok(()) => sink.count_record(),
            Err(reason) => sink.reject(line, reason, bytes)?,
        }
        Ok(())
    }

    /// A number that stands for two parties is the publisher's slip (it has happened): the first row is taken, the second is a reject
    /// that a person must look into. The same row twice is one.
    fn enter(&mut self, line: u64, number: EntryNumber, entity: Entity) -> Result<(), String> {
        match self.at.get(&number).map(|place| &self.entries[*place]) {
            Some((_, _, known)) if *known == entity => Ok(()),
            Some((first, ..)) => Err(format!(
                "its ent_num stands in line {first} with another row; that one is taken: ask the publisher which is right"
            )),
            None => {
                self.at.insert(number, self.entries.len());
                self.entries.push((line, number, entity));
                Ok(())
            }
        }
    }

    fn add(&mut self, number: EntryNumber, values: &[(&str, String)]) -> Result<(), String> {
        let place = *self.at.get(&number).ok_or("the entry that the row belongs to is not in the list")?;
        add_to(&mut self.entries[place].2, values);
        Ok(())
    }

    /// Keeps what the dataset has of a part that was not delivered, unless the entry is another party now.
    fn keep(&mut self, part: Part, current: &dyn Current) {
        for (_, _, entity) in &mut self.entries {
            let old = current.entity(&entity.id).filter(|old| !is_reused_id(old, entity));
            let mut values = old.as_ref().map(additions).unwrap_or_default();
            values.retain(|(property, _)| properties_of(part).contains(property));
            add_to(entity, &values);
        }
    }

    fn hand_over<E>(
        self,
        dataset: &DatasetName,
        current: &dyn Current,
        sink: &mut Sink<'_, E>,
    ) -> Result<(), ReadError<E>> {
        let mut list = OfacList::default();
        for (line, number, entity) in self.entries {
            if current.entity(&entity.id).is_some_and(|old| is_reused_id(&old, &entity)) {
                sink.notice(line, reused(number))?;
                sink.op(line, None, delete_entity(dataset, &entity.id, REUSED))?;
            }
            list.put(number, entity.clone(), line);
            sink.op(line, None, put_entity(dataset, entity))?;
        }
        for change in list.settle() {
            sink.op(change.line, None, put_entity(dataset, link(change.subject, change.object)))?;
        }
        Ok(())
    }
}

fn add_to(entity: &mut Entity, values: &[(&str, String)]) {
    for (property, value) in values {
        entity.add(property, value);
    }
}

fn reused(number: EntryNumber) -> String {
    format!("the id {} was given to another party: deleted and put anew", entity_id(number))
}

fn read_row(part: Part, bytes: &[u8], parser: &mut LineParser) -> Result<Row, String> {
    let (fields, closed) = parser.parse(bytes);
    if !closed {
        return Err("a quote is not closed".to_owned());
    }
    let fields = fields.ok_or(TOO_LONG)?.text().ok_or(NOT_UTF8)?;
    Row::read(part, &fields)
}

/// Gives each line that is a row of a part to `take`. A last line without line break that has an open quote or too few fields is cut off.
fn each_line<E>(
    file: &File,
    part: Part,
    sink: &mut Sink<'_, E>,
    mut take: impl FnMut(u64, &[u8], &mut LineParser, &mut Sink<'_, E>) -> Result<(), ReadError<E>>,
) -> Result<(), ReadError<E>> {
    let (mut lines, mut parser) = (Lines::of(file)?, LineParser::new());
    while let Some(line) = lines.next()? {
        let number = line.number;
        match line.bytes {
            None => sink.reject(number, TOO_LONG.to_owned(), &[])?,
            Some(bytes) if matches!(bytes.trim_ascii(), b"" | b"\x1a") => {}
            Some(bytes) if !line.ended && is_cut_off(bytes, part, &mut parser) => {
                return Err(FileError::Truncated { file: file.name.clone(), line: number }.into());
            }
            Some(bytes) => take(number, bytes, &mut parser, sink)?,
        }
    }
    Ok(())
}

/// No row of OFAC's ends in an empty field, so one that does was cut off there. `-`, `-0` and `-0-` can only be a null.
fn is_cut_off(bytes: &[u8], part: Part, parser: &mut LineParser) -> bool {
    let csv = bytes.splitn(4, |&byte| byte == b'\t').nth(3).unwrap_or(bytes);
    let (fields, closed) = parser.parse(csv);
    let whole = |fields: Fields<'_>| {
        fields.len() == part.columns() && fields.iter().last().is_some_and(|last| !last.is_empty())
    };
    !closed || !fields.is_some_and(whole)
}

/// Reads dated changes of sdn.csv, in order of time; those of one time are one batch. Of a file that is cut off, the rows before the cut
/// are read. What an earlier run of the same file committed is handed over as it stands in the file and changes nothing.
pub fn read_events<E>(
    file: &File,
    dataset: &DatasetName,
    current: &dyn Current,
    each: Each<'_, E>,
) -> Result<Tally, ReadError<E>> {
    expect(file, Format::OfacEvents)?;
    let mut sink = Sink::new(file, each);
    let mut batch = Batch::new(dataset, current);
    let read = each_line(file, Part::Entries, &mut sink, |line, bytes, parser, sink| {
        if line == 1 && bytes == EVENTS_HEADER.as_bytes() {
            return Ok(());
        }
        match Event::read(line, bytes, parser) {
            Err(reason) => sink.reject(line, reason, bytes),
            Ok(event) if event.seen_at < batch.seen_at => Err(FileError::OutOfOrder {
                file: file.name.clone(),
                line,
                known_at: event.seen_at,
                before: batch.seen_at,
            }
            .into()),
            Ok(event) => batch.take(event, sink),
        }
    });
    if matches!(read, Ok(()) | Err(ReadError::File(FileError::Truncated { .. }))) {
        batch.close(&mut sink)?;
    }
    sink.finish(read)
}

/// One change. `entity` is `None` when the entry goes.
struct Event {
    line: u64,
    seen_at: KnownAt,
    number: EntryNumber,
    entity: Option<Entity>,
}

impl Event {
    fn read(line: u64, bytes: &[u8], parser: &mut LineParser) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| NOT_UTF8)?;
        let fields: Vec<&str> = text.splitn(4, '\t').collect();
        let [seen_at, op, number, raw] = fields.as_slice() else {
            return Err(format!("the row has {} fields instead of 4", fields.len()));
        };
        let seen_at = KnownAt::parse(seen_at).map_err(|_| "seen_at is no instant")?;
        let number = read_number(number).ok_or("ent_num is no number")?;
        let entity = match *op {
            "DEL" => None,
            "ADD" | "MOD" => match read_row(Part::Entries, raw.as_bytes(), parser)? {
                Row::Entry(stated, entity) if stated == number => Some(entity),
                _ => return Err("ent_num and the raw row name different entries".to_owned()),
            },
            _ => return Err("op is none of ADD, MOD and DEL".to_owned()),
        };
        Ok(Self { line, seen_at, number, entity })
    }
}

/// The changes of one time. Deletes apply before puts, so the order of lines within it means nothing.
struct Batch<'a> {
    dataset: &'a DatasetName,
    current: &'a dyn Current,
    list: OfacList,
    seen_at: KnownAt,
    events: Vec<Event>,
    /// What an earlier run committed of this file; asked when the first batch is closed.
    applied: OnceCell<Option<Applied>>,
}

impl<'a> Batch<'a> {
    fn new(dataset: &'a DatasetName, current: &'a dyn Current) -> Self {
        Self {
            dataset,
            current,
            list: OfacList::from_current(current),
            seen_at: KnownAt::MIN,
            events: Vec::new(),
            applied: OnceCell::new(),
        }
    }

    fn take<E>(&mut self, event: Event, sink: &mut Sink<'_, E>) -> Result<(), ReadError<E>> {
        if event.seen_at > self.seen_at {
            self.close(sink)?;
            self.seen_at = event.seen_at;
        }
        self.events.push(event);
        Ok(())
    }

    /// Hands over the batch: what goes, what comes or changes, and what becomes of the relations.
    fn close<E>(&mut self, sink: &mut Sink<'_, E>) -> Result<(), ReadError<E>> {
        if self.events.is_empty() {
            return Ok(());
        }
        let events = std::mem::take(&mut self.events);
        let applied = self.applied.get_or_init(|| self.current.applied(self.seen_at)).as_ref();
        if let Some(applied) = applied.filter(|applied| self.seen_at <= applied.up_to) {
            return self.pass_over(events, applied, sink);
        }
        let (puts, deletes): (Vec<Event>, Vec<Event>) =
            events.into_iter().partition(|event| event.entity.is_some());
        let mut gone = BTreeSet::new();
        for Event { line, number, .. } in deletes {
            if !self.list.remove(number, line) {
                sink.reject(line, "the entry that goes is not in the list".to_owned(), &[])?;
                continue;
            }
            gone.insert(number);
            sink.count_record();
            self.op(line, delete_entity(self.dataset, &entity_id(number), GONE), sink)?;
        }
        for Event { line, number, entity, .. } in puts {
            if gone.contains(&number) {
                self.list.is_reborn(number);
            }
            if let Some(entity) = entity {
                self.put(line, number, entity, sink)?;
            }
        }
        self.settle(sink)
    }

    /// What stands already: the list has it, and what was rejected then is rejected again.
    fn pass_over<E>(
        &self,
        events: Vec<Event>,
        applied: &Applied,
        sink: &mut Sink<'_, E>,
    ) -> Result<(), ReadError<E>> {
        for Event { line, number, entity, .. } in events {
            if let Some(reason) = applied.rejects.get(&line) {
                sink.reject(line, reason.clone(), &[])?;
                continue;
            }
            sink.count_record();
            let gone = || delete_entity(self.dataset, &entity_id(number), GONE);
            let op = entity.map_or_else(gone, |entity| put_entity(self.dataset, entity));
            self.op(line, op, sink)?;
        }
        Ok(())
    }

    fn put<E>(
        &mut self,
        line: u64,
        number: EntryNumber,
        mut entity: Entity,
        sink: &mut Sink<'_, E>,
    ) -> Result<(), ReadError<E>> {
        sink.count_record();
        match self.list.entry(number, self.current) {
            Some(old) if is_reused_id(&old, &entity) => {
                sink.notice(line, reused(number))?;
                self.list.is_reborn(number);
                self.op(line, delete_entity(self.dataset, &entity.id, REUSED), sink)?;
            }
            old => add_to(&mut entity, &old.as_ref().map(additions).unwrap_or_default()),
        }
        self.list.put(number, entity.clone(), line);
        self.op(line, put_entity(self.dataset, entity), sink)
    }

    fn settle<E>(&mut self, sink: &mut Sink<'_, E>) -> Result<(), ReadError<E>> {
        for change in self.list.settle() {
            let op = if change.holds {
                put_entity(self.dataset, link(change.subject, change.object))
            } else {
                delete_entity(self.dataset, &link_id(change.subject, change.object), GONE)
            };
            self.op(change.line, op, sink)?;
        }
        Ok(())
    }

    fn op<E>(&self, line: u64, op: Op, sink: &mut Sink<'_, E>) -> Result<(), ReadError<E>> {
        sink.op(line, Some(self.seen_at), op)
    }
}
