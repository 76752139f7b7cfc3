//! Tables of entities, with an [`EntityMapping`].
//!
//! In: a file, a mapping, and what the dataset holds. Out: one put a row. Where an id was given to another party (see
//! [`is_reused_id`]), a delete comes before the put and a notice says so. A row whose date, id or width is wrong is a reject.

use model::{DatasetName, Entity, EntityRecord, Op, PartialDate, Record, Text};

use crate::detect::expect;
use crate::mapping::EntityMapping;
use crate::sink::Sink;
use crate::table::{MappedRow, Said, Values, each_row};
use crate::{Current, Each, File, Format, ReadError, Tally, delete_entity, is_reused_id};

/// Reads the rows of a CSV file. [`FileError::Mapping`](crate::FileError::Mapping) when the file lacks a column that the mapping names.
pub fn read_csv<E>(
    file: &File,
    mapping: &EntityMapping,
    dataset: &DatasetName,
    current: &dyn Current,
    each: Each<'_, E>,
) -> Result<Tally, ReadError<E>> {
    expect(file, Format::Csv)?;
    let mut sink = Sink::new(file, each);
    let read = each_row(file, &mapping.layout, &mut sink, |row| {
        let record = mapping.record(row, dataset)?;
        let id = record.entity.id.clone();
        let reused = current.entity(&id).is_some_and(|old| is_reused_id(&old, &record.entity));
        let put = Op::Put(Record::Entity(record));
        if !reused {
            return Ok(Said { ops: vec![put], notice: None });
        }
        let delete = delete_entity(dataset, &id, "the id was given to another party");
        let notice = format!("the id {id} was given to another party: deleted and put anew");
        Ok(Said { ops: vec![delete, put], notice: Some(notice) })
    });
    sink.finish(read)
}

impl EntityMapping {
    fn record(&self, row: &MappedRow<'_>, dataset: &DatasetName) -> Result<EntityRecord, String> {
        let mut entity = Entity { id: row.id(&self.id)?, schema: self.schema, properties: [].into() };
        for (property, source) in &self.properties {
            let is_date = self.schema.property_type(property) == Some("date");
            for value in row.values(source, if is_date { Values::Date } else { Values::Text })? {
                entity.add(property, &value);
            }
        }
        entity.check().map_err(|error| error.to_string())?;
        let valid_from = match &self.valid_from {
            Some(source) => row.value(source, Values::Date)?,
            None => None,
        };
        let valid_from: Option<Text<PartialDate>> = valid_from.and_then(|date| date.parse().ok());
        Ok(EntityRecord {
            dataset: dataset.clone(),
            entity,
            source: None,
            grade: None,
            valid_from,
            reporting: None,
            published: None,
        })
    }
}
