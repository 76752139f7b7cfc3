//! Rows of the three OFAC files.
//!
//! In: the fields of a row. Out: the entity that a row of sdn.csv states, or what a row of alt.csv or add.csv adds to one.

use model::{Entity, EntityId, Schema};

use super::Part;
use super::remarks::Remarks;

/// The number of an entry: the column `ent_num`, which all three files share.
pub(crate) type EntryNumber = u64;

/// Ids are `ofac-` and the entry's number.
pub(crate) const ID_PREFIX: &str = "ofac-";

pub(crate) fn entity_id(number: EntryNumber) -> EntityId {
    EntityId::new(&format!("{ID_PREFIX}{number}")).expect("a number makes a sound id")
}

pub(crate) fn number_of(id: &EntityId) -> Option<EntryNumber> {
    let digits = id.as_str().strip_prefix(ID_PREFIX)?;
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// What one row states.
pub(crate) enum Row {
    /// A row of sdn.csv.
    Entry(EntryNumber, Entity),
    /// A row of alt.csv or add.csv: values of properties of an entry.
    Addition(EntryNumber, Vec<(&'static str, String)>),
}

impl Row {
    /// Reads the fields of a row; the reason when it is none.
    pub(crate) fn read(part: Part, fields: &[&str]) -> Result<Self, String> {
        let columns = match part {
            Part::Entries => 12,
            Part::Aliases => 5,
            Part::Addresses => 6,
        };
        if fields.len() != columns {
            return Err(format!("the row has {} fields instead of {columns}", fields.len()));
        }
        let number = read_number(fields[0]).ok_or("the first field is no entry number")?;
        match part {
            Part::Entries => entry(number, fields).map(|entity| Self::Entry(number, entity)),
            Part::Aliases => alias(fields).map(|addition| Self::Addition(number, addition)),
            Part::Addresses => Ok(Self::Addition(number, address(fields))),
        }
    }
}

pub(crate) fn read_number(field: &str) -> Option<EntryNumber> {
    super::is_number(field.as_bytes()).then(|| field.parse().ok())?
}

/// The field unless it is `-0- `, the beginning of that at the end of a file, or empty.
fn stated(field: &str) -> Option<&str> {
    (!matches!(field.trim(), "" | "-0-" | "-0" | "-")).then_some(field)
}

/// sdn.csv: `ent_num`, name, type, programmes, title, call sign, vessel type, tonnage, gross registered tonnage, flag, owner, remarks.
fn entry(number: EntryNumber, fields: &[&str]) -> Result<Entity, String> {
    let schema = match fields[2].trim() {
        "individual" => "Person",
        "vessel" => "Vessel",
        "aircraft" => "Airplane",
        // Parties that are neither: firms, banks, ministries, armed groups; by OFAC's own type, never people.
        "" | "-0-" => "Organization",
        _ => return Err("the type is none of individual, vessel, aircraft and -0-".to_owned()),
    };
    let schema = Schema::named(schema).expect("these four are in the model");
    let mut entity = Entity { id: entity_id(number), schema, properties: [].into() };
    add_name(&mut entity, fields[1]);
    add_programmes(&mut entity, fields[3]);
    let columns = [
        (4, "position"),
        (5, "callSign"),
        (6, "type"),
        (7, "tonnage"),
        (8, "grossRegisteredTonnage"),
        (9, "flag"),
    ];
    for (column, property) in columns {
        add(&mut entity, property, stated(fields[column]).unwrap_or_default().trim());
    }
    if let Some(owner) = stated(fields[10]) {
        // The model's `owner` holds the id of an entity; OFAC gives a name.
        entity.add("description", &format!("Owner: {}", owner.trim()));
    }
    if let Some(remarks) = stated(fields[11]) {
        entity.add("notes", remarks);
        Remarks::read(remarks).add_to(&mut entity);
    }
    Ok(entity)
}

/// The name as it stands, and for people its parts.
fn add_name(entity: &mut Entity, field: &str) {
    let Some(name) = stated(field) else { return };
    entity.add("name", name);
    if let Some((last, first)) = name.split_once(", ").filter(|_| entity.schema.is_a("Person")) {
        entity.add("lastName", last.trim());
        entity.add("firstName", first.trim());
    }
}

/// `IRGC] [IFSR` is two programmes. Three programmes call those whom they list terrorists.
fn add_programmes(entity: &mut Entity, field: &str) {
    let programmes: Vec<String> =
        stated(field).map_or_else(Vec::new, |field| field.split("] [").map(str::to_owned).collect());
    entity.add("topics", "sanction");
    if programmes.iter().any(|programme| matches!(programme.as_str(), "SDGT" | "SDT" | "FTO")) {
        entity.add("topics", "crime.terror");
    }
    if !programmes.is_empty() {
        entity.properties.insert("program".to_owned(), programmes);
    }
}

/// Adds a value where the schema has the property.
pub(crate) fn add(entity: &mut Entity, property: &str, value: &str) {
    if entity.schema.property_type(property).is_some() {
        entity.add(property, value);
    }
}

/// alt.csv: `ent_num`, `alt_num`, type, name, remarks.
fn alias(fields: &[&str]) -> Result<Vec<(&'static str, String)>, String> {
    let Some(name) = stated(fields[3]) else { return Err("the row has no name".to_owned()) };
    let weak = fields[4].to_lowercase().contains("weak");
    let property = match fields[2].trim() {
        _ if weak => "weakAlias",
        "fka" => "previousName",
        // "now known as" is a name in use; some editions leave the type out.
        "aka" | "nka" | "" | "-0-" => "alias",
        _ => return Err("the type is none of aka, fka and nka".to_owned()),
    };
    Ok(vec![(property, name.trim().to_owned())])
}

/// add.csv: `ent_num`, `add_num`, street, city with state and code, country, remarks.
fn address(fields: &[&str]) -> Vec<(&'static str, String)> {
    let lines: Vec<&str> = fields[2..5].iter().filter_map(|field| stated(field)).map(str::trim).collect();
    let country = stated(fields[4]).map(|country| ("country", country.trim().to_owned()));
    let address = (!lines.is_empty()).then(|| ("address", lines.join(", ")));
    address.into_iter().chain(country).collect()
}

/// What an entity has from alt.csv and add.csv: the values of these properties that its own row does not state.
pub(crate) fn additions(entity: &Entity) -> Vec<(&'static str, String)> {
    let mut of_row = Entity { properties: [].into(), ..entity.clone() };
    if let Some(remarks) = entity.first("notes") {
        Remarks::read(remarks).add_to(&mut of_row);
    }
    let properties = ["alias", "previousName", "weakAlias", "address", "country"];
    let added = properties.into_iter().flat_map(|property| {
        let own = of_row.values(property);
        let values = entity.values(property).iter().filter(|value| !own.contains(value));
        values.map(move |value| (property, value.clone())).collect::<Vec<_>>()
    });
    added.collect()
}
