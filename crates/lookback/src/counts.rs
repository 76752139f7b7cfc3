//! What was counted, as a file. In: CSV with the columns `period`, `receipts`, `completions` and `stock`. Out: a history, or the first line
//! that does not belong into one. A history with a hole would be another history: no row is left out.

use std::io::Read;

use cases::forecast::{History, Period};

use crate::Error;

/// The columns that are read, in any order; others are ignored.
const COLUMNS: [&str; 4] = ["period", "receipts", "completions", "stock"];

/// Reads a history; `name` is what the file is called where something is wrong with it. An empty stock is carried on.
pub fn read_history(name: &str, file: impl Read) -> Result<History, Error> {
    let refused = |line: u64, reason: String| Error::Line { file: name.to_owned(), line, reason };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let headers = reader.headers().map_err(|error| refused(1, error.to_string()))?.clone();
    let place = |column: &str| {
        let place = headers.iter().position(|header| header == column);
        place.ok_or_else(|| {
            refused(1, format!("there is no column {column}; a history has {}", COLUMNS.join(", ")))
        })
    };
    let [label, receipts, completions, stock] = COLUMNS.map(place);
    let (label, receipts, completions, stock) = (label?, receipts?, completions?, stock?);
    let mut periods = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            refused(line, error.to_string())
        })?;
        let line = row.position().map_or(0, csv::Position::line);
        let count = |place: usize| {
            let text = &row[place];
            text.parse::<u64>()
                .map_err(|_| refused(line, format!("{} is no count: {text:?}", &headers[place])))
        };
        periods.push(Period {
            label: row[label].to_owned(),
            receipts: count(receipts)?,
            completions: count(completions)?,
            stock: if row[stock].is_empty() { None } else { Some(count(stock)?) },
        });
    }
    History::new(periods).map_err(|error| Error::Usage(format!("{name}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<u64>, String> {
        let history = read_history("h.csv", text.as_bytes()).map_err(|error| error.to_string())?;
        Ok(history.periods().iter().map(|period| period.stock).collect())
    }

    #[test]
    fn a_history_is_read_whole_or_not_at_all() {
        let good = "stock,period, receipts ,completions,more\n50,a,1,2,x\n,b,10,5,\n";
        assert_eq!(read(good), Ok(vec![50, 55]));
        for (text, reason) in [
            ("period,receipts,completions\na,1,2\n", "line 1: there is no column stock"),
            (
                "period,receipts,completions,stock\na,1,2,50\nb,many,2,50\n",
                "line 3: receipts is no count: \"many\"",
            ),
            ("period,receipts,completions,stock\na,1,2,50\nb,-1,2,50\n", "line 3: receipts is no count"),
            ("period,receipts,completions,stock\na,1,2,50\nb,1\n", "line 3"),
            ("period,receipts,completions,stock\na,1,2,\n", "the first period, a, must state"),
            ("period,receipts,completions,stock\n", "the history has no period"),
            ("", "line 1: there is no column period"),
        ] {
            let told = read(text).unwrap_err();
            assert!(told.contains(reason), "{told}");
        }
    }
}
