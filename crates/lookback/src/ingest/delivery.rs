//! Which files are read together, as what, and with which options.

use model::{Digest, Digester, Key, RecordKind};
use rustc_hash::FxHashSet;
use sources::{File, Format, Mapping};

use super::{IngestOptions, Mode};
use crate::{Error, LaterChanges};

/// Files of one reading: one file, or the parts of one OFAC list.
pub(crate) struct Delivery {
    pub(crate) files: Vec<File>,
    pub(crate) format: Format,
    pub(crate) mode: Mode,
    pub(crate) options: IngestOptions,
    pub(crate) mapping: Option<Mapping>,
    /// The held version that this releases, in the same transaction.
    pub(crate) releases: Option<Release>,
}

/// A held version on its way out.
pub(crate) struct Release {
    pub(crate) id: u64,
    /// What of its dataset came, changed or went after it was set aside.
    pub(crate) later: FxHashSet<Key>,
    pub(crate) later_changes: LaterChanges,
}

impl Delivery {
    /// What its rows state.
    pub(super) fn states(&self) -> RecordKind {
        match &self.mapping {
            Some(Mapping::Evidence(evidence)) if evidence.declares_generic() => RecordKind::Generic,
            Some(Mapping::Evidence(_)) => RecordKind::Observation,
            _ => RecordKind::Entity,
        }
    }

    /// A digest of the files and of how they are read: what a repeated ingestion is recognised by.
    pub(super) fn identity(&self) -> Digest {
        let mut digester = Digester::new();
        for file in &self.files {
            digester.field(&file.digest.0);
        }
        let dataset = self.options.dataset.as_ref().map_or("", |name| name.as_str());
        let mode = if self.mode == Mode::Full { "full" } else { "delta" };
        let mapping = self.options.mapping.as_deref().unwrap_or_default();
        for word in [self.format.word(), dataset, mode, mapping] {
            digester.field(word.as_bytes());
        }
        digester.finish()
    }
}

/// Which files are read together, and as what.
pub(crate) fn deliveries(files: Vec<File>, options: &IngestOptions) -> Result<Vec<Delivery>, Error> {
    let mut deliveries: Vec<Delivery> = Vec::new();
    let whole_version = files.len() == 1 && options.mode == Some(Mode::Full) && options.dataset.is_some();
    for file in files {
        let format = match options.format {
            Some(format) => format,
            // A whole version in which nothing stands says the same in every format.
            None if whole_version && file.is_empty()? => Format::Ftm,
            None => file.format()?,
        };
        if format == Format::Ofac && deliveries.last().is_some_and(|last| last.format == Format::Ofac) {
            deliveries.last_mut().expect("there is a last one").files.push(file);
        } else {
            deliveries.push(delivery(file, format, options)?);
        }
    }
    Ok(deliveries)
}

fn delivery(file: File, format: Format, options: &IngestOptions) -> Result<Delivery, Error> {
    let usage = |text: &str| Err(Error::Usage(text.to_owned()));
    let names_itself = options.dataset.is_some() || options.role.is_some();
    let mapping = options.mapping.as_deref().map(Mapping::parse).transpose()?;
    let evidence = match &mapping {
        Some(Mapping::Evidence(evidence)) if format == Format::Csv => Some(evidence),
        _ => None,
    };
    let full = options.mode == Some(Mode::Full);
    match (format, evidence) {
        (_, Some(_)) if full && options.dataset.is_none() => {
            return usage(
                "say whose whole table this is with --dataset NAME: what that dataset no longer has is deleted",
            );
        }
        _ => {}
    }
    match format {
        Format::Csv if evidence.is_some() => {}
        Format::Journal if names_itself => {
            return usage("a journal names its datasets itself: leave out --dataset and --role");
        }
        Format::Journal | Format::OfacEvents if options.known_at.is_some() => {
            return usage("this format states when each line became known: leave out --known-at");
        }
        Format::Journal if options.mode == Some(Mode::Full) => {
            return usage("a journal says itself what it deletes: leave out --full");
        }
        Format::OfacEvents if options.mode == Some(Mode::Full) => {
            return usage("changes are no whole version: leave out --full");
        }
        Format::Journal => {}
        _ if options.dataset.is_none() => return usage("say which dataset this is with --dataset NAME"),
        Format::Csv if options.mapping.is_none() => {
            return usage("a CSV file needs --mapping FILE; see docs/reference/csv-mapping.md");
        }
        _ => {}
    }
    let usual = if format == Format::Ofac { Mode::Full } else { Mode::Delta };
    let mode = options.mode.unwrap_or(usual);
    Ok(Delivery { files: vec![file], format, mode, options: options.clone(), mapping, releases: None })
}
