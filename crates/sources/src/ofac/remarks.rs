//! The remarks of an OFAC row: statements between semicolons, each of a kind that its first words tell.
//!
//! In: the column `Remarks`. Out: values of properties, and the names behind `Linked To`. What is of no known kind stays in
//! the notes, which keep the remarks whole. The table of kinds was drawn from all rows of 2019 to 2025.

use model::{Entity, PartialDate};

use super::row::add;

/// OFAC cuts remarks off at 1,000 characters; what stands last there is a part of a statement.
const REMARKS_CHARS_MAX: usize = 1000;

/// A range of birth years over more than this is too wide to tell people apart, and is left in the notes.
const YEARS_MAX: i16 = 20;

/// What follows the first words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    /// A number, with its country and dates after it: `A1 (Utopia) issued 1 Jan 2031`.
    Number,
    /// The digits of it.
    Digits,
    /// A number; `IMO 1234567` is the number of a ship or its owner.
    NumberOrImo,
    /// Text as it stands.
    Text,
    /// Text between single quotes.
    Quoted,
    /// A birth date of any precision.
    BirthDate,
    /// A date.
    Date,
    /// Male or Female.
    Gender,
}

/// First words, property, value. The first words that fit count, so longer ones stand before their beginnings.
const KINDS: &[(&str, &str, Value)] = &[
    ("DOB ", "birthDate", Value::BirthDate),
    ("POB ", "birthPlace", Value::Text),
    ("nationality ", "nationality", Value::Text),
    ("citizen ", "nationality", Value::Text),
    ("Nationality of Registration ", "jurisdiction", Value::Text),
    ("Gender ", "gender", Value::Gender),
    ("a.k.a. ", "weakAlias", Value::Quoted),
    ("f.k.a. ", "previousName", Value::Quoted),
    ("n.k.a. ", "weakAlias", Value::Quoted),
    // Of companies whose securities are restricted: the name under which they are traded.
    ("Issuer Name ", "alias", Value::Text),
    ("Passport and National ID No. ", "passportNumber", Value::Number),
    ("Passport No. ", "passportNumber", Value::Number),
    ("Passport ", "passportNumber", Value::Number),
    ("Diplomatic Passport ", "passportNumber", Value::Number),
    ("Official Passport ", "passportNumber", Value::Number),
    ("Service Passport ", "passportNumber", Value::Number),
    ("British National Overseas Passport ", "passportNumber", Value::Number),
    ("Stateless Person Passport ", "passportNumber", Value::Number),
    ("Travel Document Number ", "passportNumber", Value::Number),
    ("SSN ", "socialSecurityNumber", Value::Number),
    ("Tax ID No. ", "taxNumber", Value::Number),
    ("NIT # ", "taxNumber", Value::Number),
    ("RUC # ", "taxNumber", Value::Number),
    ("RIF # ", "taxNumber", Value::Number),
    ("R.F.C. # ", "taxNumber", Value::Number),
    ("R.F.C. ", "taxNumber", Value::Number),
    ("RFC ", "taxNumber", Value::Number),
    ("RTN ", "taxNumber", Value::Number),
    ("C.U.I.T. ", "taxNumber", Value::Number),
    ("US FEIN ", "taxNumber", Value::Number),
    ("Italian Fiscal Code ", "taxNumber", Value::Number),
    ("Fiscal Code ", "taxNumber", Value::Number),
    ("V.A.T. Number ", "vatCode", Value::Number),
    ("Unified Social Credit Code (USCC) ", "uscCode", Value::Number),
    ("United Social Credit Code (USCC) ", "uscCode", Value::Number),
    ("United Social Credit Code ", "uscCode", Value::Number),
    ("National ID No. ", "idNumber", Value::Number),
    ("National Foreign ID Number ", "idNumber", Value::Number),
    ("Tazkira National ID Card ", "idNumber", Value::Number),
    ("Cedula No. ", "idNumber", Value::Number),
    ("C.U.R.P. # ", "idNumber", Value::Number),
    ("C.U.R.P. ", "idNumber", Value::Number),
    ("C.U.I. ", "idNumber", Value::Number),
    ("D.N.I. ", "idNumber", Value::Number),
    ("N.I.E. ", "idNumber", Value::Number),
    ("I.F.E. ", "idNumber", Value::Number),
    ("LE Number ", "idNumber", Value::Number),
    ("Identification Number ", "idNumber", Value::NumberOrImo),
    ("Turkish Identification Number ", "idNumber", Value::Number),
    ("Turkish Identificiation Number ", "idNumber", Value::Number),
    ("Personal ID Card ", "idNumber", Value::Number),
    ("Moroccan Personal ID No. ", "idNumber", Value::Number),
    ("Bosnian Personal ID No. ", "idNumber", Value::Number),
    ("Kenyan ID No. ", "idNumber", Value::Number),
    ("Citizen's Card Number ", "idNumber", Value::Number),
    ("Numero de Identidad ", "idNumber", Value::Number),
    ("Refugee ID Card ", "idNumber", Value::Number),
    ("Stateless Person ID Card ", "idNumber", Value::Number),
    ("Residency Number ", "idNumber", Value::Number),
    ("Electoral Registry No. ", "idNumber", Value::Number),
    ("Credencial electoral ", "idNumber", Value::Number),
    ("Birth Certificate Number ", "idNumber", Value::Number),
    ("Cartilla de Servicio Militar Nacional ", "idNumber", Value::Number),
    ("Military Registration Number ", "idNumber", Value::Number),
    ("Driver's License No. ", "idNumber", Value::Number),
    ("VisaNumberID ", "idNumber", Value::Number),
    ("Trade License No. ", "licenseNumber", Value::Number),
    ("Tourism License No. ", "licenseNumber", Value::Number),
    ("Afghan Money Service Provider License Number ", "licenseNumber", Value::Number),
    ("Pilot License Number ", "licenseNumber", Value::Number),
    ("License ", "licenseNumber", Value::Number),
    ("Registration Number ", "registrationNumber", Value::Number),
    ("Registration ID ", "registrationNumber", Value::Number),
    ("Public Registration Number ", "registrationNumber", Value::Number),
    ("Business Registration Number ", "registrationNumber", Value::Number),
    ("Business Registration Document # ", "registrationNumber", Value::Number),
    ("Business Number ", "registrationNumber", Value::Number),
    ("Branch Unit Number ", "registrationNumber", Value::Number),
    ("Company Number ", "registrationNumber", Value::Number),
    ("UK Company Number ", "registrationNumber", Value::Number),
    ("Company ID ", "registrationNumber", Value::Number),
    ("Commercial Registry Number ", "registrationNumber", Value::Number),
    ("C.R. No. ", "registrationNumber", Value::Number),
    ("Certificate of Incorporation Number ", "registrationNumber", Value::Number),
    ("Chamber of Commerce Number ", "registrationNumber", Value::Number),
    ("Dubai Chamber of Commerce Membership No. ", "registrationNumber", Value::Number),
    ("Istanbul Chamber of Comm. No. ", "registrationNumber", Value::Number),
    ("Central Registration System Number ", "registrationNumber", Value::Number),
    ("Economic Register Number (CBLS) ", "registrationNumber", Value::Number),
    ("Enterprise Number ", "registrationNumber", Value::Number),
    ("Legal Entity Number ", "registrationNumber", Value::Number),
    ("Government Gazette Number ", "registrationNumber", Value::Number),
    ("Registered Charity No. ", "registrationNumber", Value::Number),
    ("MSB Registration Number ", "registrationNumber", Value::Number),
    ("Organization Code ", "registrationNumber", Value::Number),
    ("File Number ", "registrationNumber", Value::Number),
    ("Folio Mercantil No. ", "registrationNumber", Value::Number),
    ("Matricula Mercantil No. ", "registrationNumber", Value::Number),
    ("Matricula Mercantil No ", "registrationNumber", Value::Number),
    ("D-U-N-S Number ", "dunsCode", Value::Number),
    ("SWIFT/BIC ", "swiftBic", Value::Number),
    ("International Maritime Organization No. ", "imoNumber", Value::Digits),
    ("Vessel Registration Identification IMO ", "imoNumber", Value::Digits),
    ("MMSI ", "mmsi", Value::Digits),
    ("Vessel Registration Identification MMSI ", "mmsi", Value::Digits),
    ("Vessel Call Sign ", "callSign", Value::Number),
    ("Other Vessel Call Sign ", "callSign", Value::Number),
    ("Vessel Flag ", "flag", Value::Text),
    ("Other Vessel Flag ", "flag", Value::Text),
    ("Former Vessel Flag ", "pastFlags", Value::Text),
    ("Vessel Type ", "type", Value::Text),
    ("Other Vessel Type ", "type", Value::Text),
    ("Former Vessel Type ", "pastTypes", Value::Text),
    ("Vessel Year of Build ", "buildDate", Value::Date),
    ("Aircraft Tail Number ", "registrationNumber", Value::Number),
    ("Previous Aircraft Tail Number ", "registrationNumber", Value::Number),
    ("Aircraft Construction Number (also called L/N or S/N or F/N) ", "serialNumber", Value::Number),
    ("Aircraft Manufacturer's Serial Number (MSN) ", "serialNumber", Value::Number),
    ("Aircraft Mode S Transponder Code ", "icaoCode", Value::Number),
    ("Aircraft Model ", "model", Value::Text),
    ("Aircraft Manufacture Date ", "buildDate", Value::Date),
    ("Email Address ", "email", Value::Text),
    ("Email: ", "email", Value::Text),
    ("Email:", "email", Value::Text),
    ("Website: ", "website", Value::Text),
    ("Website ", "website", Value::Text),
    ("Phone Number ", "phone", Value::Text),
    ("Phone No. ", "phone", Value::Text),
    ("Telephone Number ", "phone", Value::Text),
    ("Telephone No. ", "phone", Value::Text),
    ("Telephone: ", "phone", Value::Text),
    ("Telephone ", "phone", Value::Text),
    ("Organization Established Date ", "incorporationDate", Value::Date),
    ("Organization Type: ", "sector", Value::Text),
    ("Target Type ", "classification", Value::Text),
];

/// What stands before the name of another entry.
pub(crate) const LINK: &str = "Linked To: ";

/// The remarks of one row.
pub(crate) struct Remarks<'a> {
    /// The statements before the last one, and the last one without its full stop; without what is cut off.
    statements: Vec<&'a str>,
    /// The last statement with its full stop: it may be that of a name ("… CO.").
    last_with_stop: Option<&'a str>,
}

impl<'a> Remarks<'a> {
    pub(crate) fn read(text: &'a str) -> Self {
        let text = text.trim();
        let mut statements: Vec<&str> = text.split(';').map(str::trim).collect();
        let last = statements.pop().unwrap_or_default();
        let whole = text.ends_with('.') || text.chars().count() < REMARKS_CHARS_MAX;
        if whole {
            statements.push(last.strip_suffix('.').unwrap_or(last));
        }
        Self { statements, last_with_stop: whole.then_some(last) }
    }

    /// The names behind `Linked To`, the last one also with its full stop.
    pub(crate) fn linked_names(&self) -> impl Iterator<Item = &'a str> {
        let statements = self.statements.iter().copied().chain(self.last_with_stop);
        statements.filter_map(|statement| without_alt(statement).strip_prefix(LINK)).map(str::trim)
    }

    /// Adds what the statements say to an entity, where its schema has the property.
    pub(crate) fn add_to(&self, entity: &mut Entity) {
        for statement in self.statements.iter().map(|statement| without_alt(statement)) {
            let kind = KINDS.iter().find_map(|(words, property, value)| {
                statement.strip_prefix(words).map(|rest| (*property, *value, rest.trim()))
            });
            if let Some((property, value, text)) = kind {
                add_value(entity, property, value, text);
            }
        }
    }
}

fn without_alt(statement: &str) -> &str {
    statement.strip_prefix("alt. ").unwrap_or(statement)
}

fn add_value(entity: &mut Entity, property: &str, value: Value, text: &str) {
    match value {
        Value::Text => add(entity, property, text),
        Value::Number => add(entity, property, number(text)),
        Value::Digits => add(entity, property, &digits(text)),
        Value::NumberOrImo => match text.strip_prefix("IMO ") {
            Some(imo) => add(entity, "imoNumber", &digits(imo)),
            None => add(entity, property, number(text)),
        },
        Value::Quoted => add(entity, property, quoted(text)),
        Value::Gender => match text {
            "Male" => add(entity, property, "male"),
            "Female" => add(entity, property, "female"),
            _ => {}
        },
        Value::Date => add_dates(entity, property, date(text)),
        Value::BirthDate => add_dates(entity, property, birth_dates(text)),
    }
}

fn add_dates(entity: &mut Entity, property: &str, dates: impl IntoIterator<Item = PartialDate>) {
    for date in dates {
        add(entity, property, &date.to_string());
    }
}

/// A number without the country, the dates and the remarks after it.
fn number(text: &str) -> &str {
    let ends = [" (", " issued ", " expires ", " Issued ", " Expires "];
    let end = ends.iter().filter_map(|end| text.find(end)).min().unwrap_or(text.len());
    text[..end].trim()
}

fn digits(text: &str) -> String {
    number(text.trim_start_matches('(')).chars().filter(char::is_ascii_digit).collect()
}

fn quoted(text: &str) -> &str {
    text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap_or(text).trim()
}

/// `10 Dec 1948`, `Dec 1948` or `1948`.
fn date(text: &str) -> Option<PartialDate> {
    let parts: Vec<&str> = text.split_whitespace().collect();
    let (day, month, year) = match parts.as_slice() {
        [year] => (None, None, year),
        [month, year] => (None, Some(month_number(month)?), year),
        [day, month, year] => (Some(day.parse().ok()?), Some(month_number(month)?), year),
        _ => return None,
    };
    let year = (year.len() == 4).then(|| year.parse().ok())??;
    PartialDate::new(year, month, day)
}

fn month_number(name: &str) -> Option<u8> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    MONTHS.iter().position(|month| *month == name).map(|at| at as u8 + 1)
}

/// A date; of `circa …` its year; of a range every year in it.
fn birth_dates(text: &str) -> Vec<PartialDate> {
    let (about, text) = text.strip_prefix("circa ").map_or((false, text), |text| (true, text));
    let range = text.split_once(" to ").or_else(|| text.split_once('-'));
    let (first, last) = match (range, date(text)) {
        (_, Some(date)) if !about => return vec![date],
        (_, Some(date)) => (date.year(), date.year()),
        (Some((first, last)), None) => match (date(first.trim()), date(last.trim())) {
            (Some(first), Some(last)) => (first.year(), last.year()),
            _ => return Vec::new(),
        },
        (None, None) => return Vec::new(),
    };
    match last.checked_sub(first) {
        Some(0..=YEARS_MAX) => (first..=last).filter_map(|year| PartialDate::new(year, None, None)).collect(),
        _ => Vec::new(),
    }
}
