//! What the fuzz targets share: reading bytes as a file, and checking that the tally adds up.

use std::convert::Infallible;

use sources::{File, Item, ReadError, Tally};

/// A file of these bytes; `None` when there are none.
pub fn file(name: &str, bytes: &[u8]) -> Option<File> {
    (!bytes.is_empty()).then(|| File::from_bytes(name, bytes.to_vec()))
}

/// Every item that a reader hands over; nothing when it refuses the file.
pub fn items(
    read: impl FnOnce(&mut dyn FnMut(Item) -> Result<(), Infallible>) -> Result<Tally, ReadError<Infallible>>,
) -> Vec<Item> {
    let mut items = Vec::new();
    let tally = read(&mut |item| {
        items.push(item);
        Ok(())
    });
    match tally {
        Err(error) => {
            assert!(!error.to_string().is_empty());
            Vec::new()
        }
        Ok(tally) => {
            let rejects = items.iter().filter(|item| matches!(item, Item::Reject(_))).count() as u64;
            assert_eq!((tally.rows, tally.rejects), (tally.records + tally.rejects, rejects));
            items
        }
    }
}
