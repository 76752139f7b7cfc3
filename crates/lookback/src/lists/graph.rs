//! Entries by the ids they had, and by the entities they name.

use std::sync::Arc;

use super::{Listed, Lists};

impl Lists {
    /// The entry that took up an id that it had before. The first by id where several say so.
    pub fn referent(&self, id: &str) -> Option<&Arc<Listed>> {
        let found = self.each_place(|index| index.referents.get(id).map(Vec::as_slice));
        found.into_iter().min_by(|a, b| a.entity().id.cmp(&b.entity().id))
    }

    /// The entries that name an entity in one of their properties, in the order in which they became known.
    pub fn naming(&self, id: &str) -> Vec<&Arc<Listed>> {
        let mut found = self.each_place(|index| index.naming.get(id).map(Vec::as_slice));
        found.sort_by_key(|listed| listed.version().row);
        found
    }

    fn each_place(&self, of: impl Fn(&super::segment::Index) -> Option<&[u32]>) -> Vec<&Arc<Listed>> {
        let mut found = Vec::new();
        for segment in &self.segments {
            let places = of(segment.index()).unwrap_or_default();
            let listed = places.iter().map(|&place| &segment.listed[place as usize]);
            found.extend(listed.filter(|listed| self.stands(listed)));
        }
        found
    }
}
